#include "gui/models/metric_table_model.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <utility>

#include "core/report/format.h"
#include "core/report/report_view.h"
#include "gui/models/pictures/makers.h"
#include "gui/models/text.h"

namespace moeplan {
namespace {

// "31.2 GB free" or "8.1 GB missing" on the fullest GPU.
std::string room_in(const CandidateReport& candidate) {
    if (candidate.memory_limit_gb <= 0) return {};
    double free = memory_free_gb(candidate);
    // A cache that fills the rest leaves what the sum was rounded by.
    if (std::abs(free) < 1e-9 * candidate.memory_limit_gb) free = 0;
    return format_value(std::abs(free), "GB") + (free < 0 ? " missing" : " free");
}

FormattedEstimate parts(const CandidateReport& candidate, const MetricInfo& info, const Metric& metric) {
    FormattedEstimate shown = format_parts(metric.value, info.unit);
    if (info.id == "fits") shown.interval = room_in(candidate);
    return shown;
}

QString explanation(const MetricInfo& info, const Metric& metric) {
    QString text = text_of(info.label) + ": " + text_of(format_estimate(metric.value, info.unit));
    text += "\n" + text_of(info.meaning);
    if (!metric.source.empty()) text += "\n" + MetricTableModel::tr("Source: %1").arg(text_of(metric.source));
    return text;
}

}  // namespace

const std::vector<std::string_view>& key_metrics() {
    static const std::vector<std::string_view> ids{
        "fits",       "ttft_ms",      "ttft_ms_p99",         "tpot_ms",        "tpot_ms_p99",           "output_tok_s", "goodput_rps",
        "saturation", "usd_per_hour", "usd_per_mtok_output", "usd_per_answer", "usd_per_correct_answer"};
    return ids;
}

MetricTableModel::MetricTableModel(QObject* parent, std::vector<std::string_view> only)
    : QAbstractTableModel(parent), only_(std::move(only)), report_(std::make_shared<const Report>()) {}

std::vector<const MetricInfo*> MetricTableModel::rows_of(const Report& report) const {
    std::vector<const MetricInfo*> wanted, rows;
    if (only_.empty()) {
        for (const MetricInfo& info : metric_catalog()) wanted.push_back(&info);
    } else {
        for (const std::string_view id : only_) wanted.push_back(find_metric(id));
    }
    std::ranges::copy_if(wanted, std::back_inserter(rows), [&](const MetricInfo* info) {
        return info && std::ranges::any_of(candidates_of(report), [&](const CandidateReport& c) { return c.find(info->id) != nullptr; });
    });
    return rows;
}

void MetricTableModel::set_report(Report report) { show(std::make_shared<const Report>(std::move(report))); }

void MetricTableModel::show(std::shared_ptr<const Report> report) {
    auto rows = rows_of(*report);
    const bool same =
        rows == rows_ && std::ranges::equal(candidates_of(*report), candidates_of(*report_), {}, &CandidateReport::name, &CandidateReport::name);
    if (same) {
        report_ = std::move(report);
        if (rowCount() > 0 && columnCount() > 0) emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        return;
    }
    beginResetModel();
    report_ = std::move(report);
    rows_ = std::move(rows);
    endResetModel();
}

int MetricTableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }
int MetricTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(candidates_of(*report_).size());
}

QVariant MetricTableModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const MetricInfo& info = *rows_[static_cast<std::size_t>(index.row())];
    const CandidateReport& candidate = candidates_of(*report_)[static_cast<std::size_t>(index.column())];
    const Metric* metric = candidate.find(info.id);
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    if (!metric) return {};
    if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole) return text_of(format_estimate(metric->value, info.unit));
    if (role == kValue) return text_of(parts(candidate, info, *metric).value);
    if (role == kInterval) return text_of(parts(candidate, info, *metric).interval);
    if (role == Qt::ToolTipRole) return explanation(info, *metric);
    return {};
}

QVariant MetricTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (section < 0) return {};
    const auto at = static_cast<std::size_t>(section);
    if (orientation == Qt::Horizontal) {
        if (at >= candidates_of(*report_).size() || (role != Qt::DisplayRole && role != Qt::ToolTipRole)) return {};
        const CandidateReport& c = candidates_of(*report_)[at];
        // What a search found is named by all its parts; the publisher goes first.
        if (role == Qt::DisplayRole) return text_of(report_->candidates.empty() ? c.name.substr(c.name.rfind('/') + 1) : c.name);
        return QString("%1\n%2 × %3, %4").arg(text_of(c.model)).arg(c.gpus).arg(text_of(c.gpu), text_of(c.layout));
    }
    if (at >= rows_.size()) return {};
    if (role == Qt::DisplayRole) return text_of(rows_[at]->label);
    if (role == Qt::ToolTipRole) return text_of(rows_[at]->meaning);
    return {};
}

}  // namespace moeplan
