#include "gui/main_window.h"

#include <QAction>
#include <QFileDialog>
#include <QHeaderView>
#include <QLabel>
#include <QMenuBar>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

#include "gui/models/metric_table_model.h"
#include "gui/plots/series_plot.h"
#include "sim/run.h"

namespace moeplan {

MainWindow::MainWindow(const Catalog& catalog, QWidget* parent)
    : QMainWindow(parent), catalog_(catalog), verdict_(new QLabel(this)), cost_(new SeriesPlot(this)), tpot_(new SeriesPlot(this)),
      metrics_(new MetricTableModel(this)) {
    setWindowTitle("moeplan");
    resize(1280, 800);
    auto* open = menuBar()->addMenu("&File")->addAction("&Open study…", QKeySequence::Open, this, &MainWindow::choose_study);
    open->setToolTip("Load a study in YAML and answer it");

    verdict_->setWordWrap(true);
    verdict_->setMargin(10);
    verdict_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    verdict_->setText("Open a study to see which candidate is the better buy.");
    QFont large = verdict_->font();
    large.setPointSizeF(large.pointSizeF() * 1.25);
    verdict_->setFont(large);

    auto* plots = new QSplitter(Qt::Vertical);
    plots->addWidget(cost_);
    plots->addWidget(tpot_);
    auto* table = new QTableView;
    table->setModel(metrics_);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table->setAlternatingRowColors(true);
    table->setAccessibleName("metrics");
    auto* halves = new QSplitter(Qt::Horizontal);
    halves->addWidget(plots);
    halves->addWidget(table);
    halves->setStretchFactor(0, 1);
    halves->setSizes({640, 640});

    auto* middle = new QWidget;
    auto* layout = new QVBoxLayout(middle);
    layout->addWidget(verdict_);
    layout->addWidget(halves, 1);
    setCentralWidget(middle);
}

void MainWindow::choose_study() {
    const QString file = QFileDialog::getOpenFileName(this, "Open study", {}, "Studies (*.yaml *.yml)");
    if (!file.isEmpty()) open_study(file);
}

void MainWindow::open_study(const QString& file) {
    auto scenario = load_scenario(file.toStdString());
    if (!scenario) return show_problems(scenario.error());
    RunControl control;
    auto report = run(*scenario, catalog_, control);
    if (!report) return show_problems(report.error());
    setWindowTitle(QString::fromStdString(report->scenario_name) + " — moeplan");
    show_report(*report);
}

void MainWindow::show_report(const Report& report) {
    QString text = report.verdict ? QString::fromStdString(report.verdict->sentence) : QString("Answered.");
    if (report.verdict) {
        for (const Flip& flip : report.verdict->flips) text += "\n" + QString::fromStdString(flip.sentence);
    }
    verdict_->setText(text);
    cost_->show_metric(report, report.verdict ? report.verdict->objective : "usd_per_mtok_output");
    tpot_->show_metric(report, "tpot_ms");
    metrics_->set_report(report);
}

void MainWindow::show_problems(const Problems& problems) {
    QString text;
    for (const Problem& problem : problems) text += (text.isEmpty() ? "" : "\n") + QString::fromStdString(to_text(problem));
    verdict_->setText(text);
}

}  // namespace moeplan
