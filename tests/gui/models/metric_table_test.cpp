#include <QAbstractItemModelTester>
#include <QTest>

#include "gui/models/metric_table_model.h"
#include "tests/support/example_report.h"

using namespace moeplan;

class MetricTableTest : public QObject {
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

    void a_gpu_filled_to_the_last_byte_misses_none() {
        Report report = example_report();
        CandidateReport& full = report.candidates[0];
        full.memory = {{"weights", 60.1}, {"kv cache", full.memory_limit_gb - 60.1 + 1e-14}};
        MetricTableModel model(nullptr, {"fits"});
        model.set_report(report);
        QCOMPARE(model.index(0, 0).data(MetricTableModel::kInterval).toString(), QString("0 GB free"));
    }
};

QTEST_GUILESS_MAIN(MetricTableTest)
#include "metric_table_test.moc"
