#include <memory>

#include <QFontMetrics>
#include <QHeaderView>
#include <QTest>

#include "gui/models/metric_table_model.h"
#include "gui/panels/figures_table.h"
#include "sim/planner.h"

using namespace moeplan;

namespace {

std::shared_ptr<const Report> report_of(const char* study) {
    const auto scenario = load_scenario(std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/studies/" + study);
    if (!scenario) return nullptr;
    RunControl control;
    auto report = Planner(builtin_catalog()).answer(*scenario, control);
    return report ? std::make_shared<const Report>(std::move(*report)) : nullptr;
}

}  // namespace

class FiguresTableTest : public QObject {
    Q_OBJECT

private slots:
    void columns_in_sight_are_whole_and_at_least_two_are() {
        const auto report = report_of("serving-deepseek-v3.yaml");
        QVERIFY(report && report->candidates.size() > 4);
        MetricTableModel model(nullptr, key_metrics());
        model.show(report);
        FiguresTable table;
        table.setModel(&model);
        table.show();
        for (const int width : {300, 323, 411, 640, 900}) {
            table.resize(width, table.sizeHint().height());
            QCoreApplication::processEvents();
            const int each = table.columnWidth(0), room = width - table.verticalHeader()->width();
            QVERIFY2(room / each >= 2, qPrintable(QString::number(width)));
            QCOMPARE(room % each, 0);
        }
    }

    void larger_letters_cut_no_figure_and_no_name() {
        const auto report = report_of("serving-deepseek-v3.yaml");
        MetricTableModel model(nullptr, key_metrics());
        model.show(report);
        FiguresTable table;
        table.setModel(&model);
        table.show();
        const double usual = table.font().pointSizeF();
        for (const double times : {1.0, 1.3, 1.6, 2.0}) {
            QFont font = table.font();
            font.setPointSizeF(usual * times);
            table.setFont(font);
            table.resize(323, table.sizeHint().height());
            QCoreApplication::processEvents();
            const QFontMetrics metrics(font);
            for (int row = 0; row < model.rowCount(); ++row) {
                const QString name = model.headerData(row, Qt::Vertical, Qt::DisplayRole).toString();
                const QRect room(0, 0, table.verticalHeader()->width() - 8, 1000);
                QVERIFY2(metrics.boundingRect(room, Qt::TextWordWrap, name).height() <= table.rowHeight(row), qPrintable(name));
                for (int column = 0; column < model.columnCount(); ++column) {
                    const QString value = model.index(row, column).data(MetricTableModel::kValue).toString();
                    QVERIFY2(metrics.horizontalAdvance(value) <= table.columnWidth(column), qPrintable(value));
                }
            }
        }
    }

    void long_names_stand_on_lines_of_their_own() {
        const auto report = report_of("serving-deepseek-v3.yaml");
        QVERIFY(report);
        Report renamed = *report;
        MetricTableModel model(nullptr, key_metrics());
        FiguresTable table;
        table.setModel(&model);
        table.resize(310, 400);
        table.show();
        const auto heading = [&] {
            model.set_report(renamed);
            QCoreApplication::processEvents();
            return table.horizontalHeader()->height();
        };
        for (CandidateReport& c : renamed.candidates) c.name = "short";
        const int one = heading();
        renamed.candidates[0].name = "a-name-that-needs-more-than-a-line";
        QVERIFY(heading() >= one + QFontMetrics(table.font()).height() - 2);
    }

    void what_a_search_found_has_its_figures() {
        const auto report = report_of("platform-layout-search.yaml");
        QVERIFY(report && report->candidates.empty() && report->exploration);
        MetricTableModel model(nullptr, key_metrics());
        model.show(report);
        QCOMPARE(model.columnCount(), static_cast<int>(report->exploration->best.size()));
        QVERIFY(model.rowCount() > 5);
        QVERIFY(!model.headerData(0, Qt::Horizontal, Qt::DisplayRole).toString().contains('/'));
    }
};

QTEST_MAIN(FiguresTableTest)
#include "figures_table_test.moc"
