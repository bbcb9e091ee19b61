#pragma once
// How far each family of kernels is: probes by family and number format, and how well the fit does on what it has not seen.

#include <memory>
#include <vector>

#include <QAbstractTableModel>

#include "gpu/calibrator/calibrate.h"

namespace moeplan {

class FamilyTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { family, format, measured, failed, median_error, worst_tenth, coverage, column_count };

    using QAbstractTableModel::QAbstractTableModel;

    // While measuring: medians as they fall.
    void show_progress(const std::vector<GroupProgress>& groups);
    // At the end, of the fit that is saved. Rows stay those of the progress.
    void show_fit(const FitReport& fitted);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row {
        GroupProgress group;
        bool fitted = false;                 // show_fit() was told of it
        std::optional<ErrorStats> error;
    };
    QString text(const Row& row, int column) const;

    std::vector<Row> rows_;
};

}  // namespace moeplan
