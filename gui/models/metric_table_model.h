#pragma once
// A report's metrics as a table: one row per metric, one column per candidate. Links no Widgets.

#include <vector>

#include <QAbstractTableModel>

#include "core/report/report.h"

namespace moeplan {

class MetricTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    void set_report(Report report);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    Report report_;
    std::vector<const MetricInfo*> rows_;   // those at least one candidate has
};

}  // namespace moeplan
