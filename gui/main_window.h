#pragma once
// A study answered in one window: the verdict, cost and time per token against batch, every metric with its interval.
// Shows what sim/run.h returns; computes nothing.

#include <QMainWindow>

#include "core/catalog/catalog.h"
#include "core/report/report.h"

class QLabel;

namespace moeplan {

class MetricTableModel;
class SeriesPlot;

class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    explicit MainWindow(const Catalog& catalog, QWidget* parent = nullptr);

    // Loads and answers a study; problems are shown where the verdict stands, each on its line.
    void open_study(const QString& file);

private slots:
    void choose_study();

private:
    void show_report(const Report& report);
    void show_problems(const Problems& problems);

    const Catalog& catalog_;
    QLabel* verdict_;
    SeriesPlot* cost_;
    SeriesPlot* tpot_;
    MetricTableModel* metrics_;
};

}  // namespace moeplan
