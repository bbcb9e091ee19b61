#include "gui/calibration/family_table_model.h"

#include <algorithm>

#include "core/report/format.h"
#include "gui/models/text.h"

namespace moeplan {
namespace {

QString share(double value) { return text_of(format_value(value, "fraction")); }

constexpr const char* kHeadings[] = {"Kernels", "Format", "Measured", "Failed", "Median error", "p90", "In 90 %"};
constexpr const char* kMeanings[] = {"Family of kernels",
                                     "Number format",
                                     "Probes with an answer",
                                     "Probes without one",
                                     "Half of the measurements that no fit has seen are predicted better than this",
                                     "Nine in ten of them are predicted better than this",
                                     "Share of them inside the predicted 90 % interval"};

}  // namespace

void FamilyTableModel::show_progress(const std::vector<GroupProgress>& groups) {
    const bool same_rows = groups.size() == rows_.size();
    if (!same_rows) beginResetModel();
    rows_.resize(groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) rows_[i] = {groups[i], false, std::nullopt};
    if (!same_rows) endResetModel();
    else if (!rows_.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, column_count - 1));
}

void FamilyTableModel::show_fit(const FitReport& fitted) {
    for (Row& row : rows_) {
        const auto found = std::ranges::find_if(fitted.profile.families, [&](const FamilyProfile& f) {
            return f.family == row.group.family && f.format == row.group.format;
        });
        row.fitted = true;
        row.error = found == fitted.profile.families.end() ? std::nullopt : found->error;
    }
    if (!rows_.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, column_count - 1));
}

int FamilyTableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }

int FamilyTableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : column_count; }

QString FamilyTableModel::text(const Row& row, int column) const {
    const auto error = [&](double ErrorStats::*figure) { return row.error ? share((*row.error).*figure) : QString(); };
    switch (column) {
        case family: return text_of(name_of(row.group.family));
        case format: return text_of(row.group.format);
        case measured: return QString::number(row.group.measured);
        case failed: return row.group.failed > 0 ? QString::number(row.group.failed) : QString();
        case median_error:
            if (row.fitted) return row.error ? error(&ErrorStats::median_ape) : QStringLiteral("too few");
            return row.group.error ? share(*row.group.error) : QString();
        case worst_tenth: return error(&ErrorStats::p90_ape);
        case coverage: return error(&ErrorStats::coverage90);
        default: return {};
    }
}

QVariant FamilyTableModel::data(const QModelIndex& at, int role) const {
    if (!at.isValid() || at.row() >= rowCount()) return {};
    if (role == Qt::DisplayRole) return text(rows_[static_cast<std::size_t>(at.row())], at.column());
    if (role == Qt::TextAlignmentRole && at.column() >= measured) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    return {};
}

QVariant FamilyTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= column_count) return {};
    if (role == Qt::DisplayRole) return QString::fromUtf8(kHeadings[section]);
    if (role == Qt::ToolTipRole) return QString::fromUtf8(kMeanings[section]);
    return {};
}

}  // namespace moeplan
