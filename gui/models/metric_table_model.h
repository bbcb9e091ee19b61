#pragma once
// A report's metrics as a table: one row per metric, one column per candidate. Links no Widgets.

#include <memory>
#include <string_view>
#include <vector>

#include <QAbstractTableModel>

#include "core/report/report.h"

namespace moeplan {

class MetricTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Role { kValue = Qt::UserRole, kInterval };   // "12.3 ms" and "10.1–14.2", apart

    // All metrics, or those named, in that order.
    explicit MetricTableModel(QObject* parent = nullptr, std::vector<std::string_view> only = {});

    void set_report(Report report);
    // Rows and columns that stay the same are kept: only their figures are told to have changed.
    void show(std::shared_ptr<const Report> report);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<const MetricInfo*> rows_of(const Report& report) const;

    std::vector<std::string_view> only_;
    std::shared_ptr<const Report> report_;
    std::vector<const MetricInfo*> rows_;   // those at least one candidate has
};

// The figures a decision is made by, in the order they are asked for.
const std::vector<std::string_view>& key_metrics();

}  // namespace moeplan
