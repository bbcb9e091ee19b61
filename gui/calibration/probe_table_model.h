#pragma once
// Probes as they are answered, the newest first.

#include <deque>
#include <vector>

#include <QAbstractTableModel>
#include <QString>

#include "gpu/calibrator/journal.h"

namespace moeplan {

class ProbeTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum class Of : std::uint8_t { answers, failures };
    enum Column { probe, time, noise, remark, column_count };

    // Keeps the newest `most`.
    explicit ProbeTableModel(Of of, int most = 500, QObject* parent = nullptr);

    void clear();
    // Those of its kind, in the order they came.
    void add(const std::vector<JournalEntry>& entries);
    std::int64_t total() const { return total_; }   // added since clear(), also those no longer kept

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row {
        QString probe, time, noise, remark;
    };
    static Row row_of(const JournalEntry& entry);

    Of of_;
    int most_;
    std::int64_t total_ = 0;
    std::deque<Row> rows_;
};

}  // namespace moeplan
