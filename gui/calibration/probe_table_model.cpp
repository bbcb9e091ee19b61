#include "gui/calibration/probe_table_model.h"

#include <algorithm>
#include <utility>

#include "core/report/format.h"
#include "gpu/calibrator/statistics.h"
#include "gui/models/text.h"

namespace moeplan {
namespace {

constexpr const char* kHeadings[] = {"Probe", "Time", "Noise", "Remark"};
constexpr const char* kMeanings[] = {"The kernel and its sizes", "Median of its samples; of a failure, how long it took",
                                     "Half the 95 % interval of the median, relative to it", "What went wrong, or what to know about it"};

}  // namespace

ProbeTableModel::ProbeTableModel(Of of, int most, QObject* parent) : QAbstractTableModel(parent), of_(of), most_(most) {}

ProbeTableModel::Row ProbeTableModel::row_of(const JournalEntry& entry) {
    Row row;
    row.probe = text_of(to_text(entry.request.kernel));
    if (entry.kind != AnswerKind::ok) {
        row.time = text_of(format_value(entry.seconds, "s"));
        row.remark = text_of(name_of(entry.kind)).replace(u'_', u' ');
        if (!entry.message.empty()) row.remark += ": " + text_of(entry.message);
        return row;
    }
    const Measurement measured = measurement_of(entry);
    row.time = text_of(format_value(measured.seconds, "s"));
    if (measured.spread > 0) row.noise = "± " + text_of(format_value(measured.spread, "fraction"));
    if (entry.reply.throttled) row.remark = QStringLiteral("the device lowered its clock meanwhile");
    else if (measured.spread > kUncertainSpread) row.remark = QStringLiteral("noisy");
    return row;
}

void ProbeTableModel::clear() {
    beginResetModel();
    rows_.clear();
    total_ = 0;
    endResetModel();
}

void ProbeTableModel::add(const std::vector<JournalEntry>& entries) {
    std::deque<Row> fresh;
    for (const JournalEntry& entry : entries) {
        if ((entry.kind == AnswerKind::ok) != (of_ == Of::answers)) continue;
        ++total_;
        fresh.push_front(row_of(entry));
        if (fresh.size() > static_cast<std::size_t>(most_)) fresh.pop_back();
    }
    if (fresh.empty()) return;
    const int surplus = rowCount() + static_cast<int>(fresh.size()) - most_;
    if (surplus > 0) {
        beginRemoveRows({}, rowCount() - surplus, rowCount() - 1);
        rows_.resize(rows_.size() - static_cast<std::size_t>(surplus));
        endRemoveRows();
    }
    beginInsertRows({}, 0, static_cast<int>(fresh.size()) - 1);
    rows_.insert(rows_.begin(), std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()));
    endInsertRows();
}

int ProbeTableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(rows_.size()); }

int ProbeTableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : column_count; }

QVariant ProbeTableModel::data(const QModelIndex& at, int role) const {
    if (!at.isValid() || at.row() >= rowCount()) return {};
    const Row& row = rows_[static_cast<std::size_t>(at.row())];
    const bool number = at.column() == time || at.column() == noise;
    if (role == Qt::TextAlignmentRole && number) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && !row.remark.isEmpty()) return row.remark;
    if (role != Qt::DisplayRole) return {};
    switch (at.column()) {
        case probe: return row.probe;
        case time: return row.time;
        case noise: return row.noise;
        case remark: return row.remark;
        default: return {};
    }
}

QVariant ProbeTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= column_count) return {};
    if (role == Qt::DisplayRole) return QString::fromUtf8(kHeadings[section]);
    if (role == Qt::ToolTipRole) return QString::fromUtf8(kMeanings[section]);
    return {};
}

}  // namespace moeplan
