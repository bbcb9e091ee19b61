#include "gui/models/metric_table_model.h"

#include <algorithm>

#include "core/report/format.h"
#include "gui/models/text.h"

namespace moeplan {
void MetricTableModel::set_report(Report report) {
    beginResetModel();
    report_ = std::move(report);
    rows_.clear();
    for (const MetricInfo& info : metric_catalog()) {
        if (std::ranges::any_of(report_.candidates, [&](const CandidateReport& c) { return c.find(info.id) != nullptr; })) rows_.push_back(&info);
    }
    endResetModel();
}

int MetricTableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }
int MetricTableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(report_.candidates.size()); }

QVariant MetricTableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const MetricInfo& info = *rows_[static_cast<std::size_t>(index.row())];
    const Metric* metric = report_.candidates[static_cast<std::size_t>(index.column())].find(info.id);
    if (!metric) return {};
    if (role == Qt::DisplayRole) return text_of(format_estimate(metric->value, info.unit));
    if (role == Qt::ToolTipRole) return text_of(metric->source);
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    return {};
}

QVariant MetricTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (section < 0) return {};
    const auto at = static_cast<std::size_t>(section);
    if (orientation == Qt::Horizontal) {
        if (at >= report_.candidates.size() || role != Qt::DisplayRole) return {};
        return text_of(report_.candidates[at].name);
    }
    if (at >= rows_.size()) return {};
    if (role == Qt::DisplayRole) return text_of(rows_[at]->label);
    if (role == Qt::ToolTipRole) return text_of(rows_[at]->meaning);
    return {};
}

}  // namespace moeplan
