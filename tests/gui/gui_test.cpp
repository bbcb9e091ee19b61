// The window and its models, off-screen.
#include <QAbstractItemModelTester>
#include <QLabel>
#include <QTest>

#include "gui/main_window.h"
#include "gui/models/metric_table_model.h"
#include "tests/support/example_report.h"

using namespace moeplan;

class GuiTest : public QObject {
    Q_OBJECT

private slots:
    void the_table_of_metrics_is_a_well_behaved_model() {
        MetricTableModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        model.set_report(example_report());
        QCOMPARE(model.columnCount(), static_cast<int>(example_report().candidates.size()));
        QVERIFY(model.rowCount() > 5);
        model.set_report({});
        QCOMPARE(model.rowCount(), 0);
    }

    void a_study_is_answered_with_a_verdict_and_a_picture() {
        MainWindow window(builtin_catalog());
        window.open_study(MOEPLAN_SOURCE_DIR "/scenarios/studies/mixtral-vs-llama70b.yaml");
        const auto* verdict = window.findChild<QLabel*>();
        QVERIFY(verdict != nullptr);
        QVERIFY2(verdict->text().contains("mixtral"), qPrintable(verdict->text()));
        const QImage picture = window.grab().toImage();
        // Not one colour: curves, text and bands are there.
        int different = 0;
        for (int x = 0; x < picture.width(); x += 7) different += picture.pixel(x, picture.height() / 2) != picture.pixel(0, 0);
        QVERIFY(different > 10);
    }

    void problems_of_a_broken_study_are_shown_in_place() {
        MainWindow window(builtin_catalog());
        window.open_study("no-such-study.yaml");
        QVERIFY(window.findChild<QLabel*>()->text().contains("no-such-study.yaml"));
    }
};

QTEST_MAIN(GuiTest)
#include "gui_test.moc"
