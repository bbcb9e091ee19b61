// The tables, the picture and the places of calibrations, without a window.

#include <QAbstractItemModelTester>
#include <QDir>
#include <QFile>
#include <QTest>

#include "gui/calibration/calibration_places.h"
#include "gui/calibration/error_picture.h"
#include "gui/calibration/family_table_model.h"
#include "gui/calibration/hello_text.h"
#include "gui/calibration/probe_table_model.h"
#include "gui/calibration/use_profile.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

JournalEntry answer(std::int64_t m, double us) {
    JournalEntry entry;
    entry.request.kernel = GemmKernel{m, 256, 256, NumberFormat::bf16};
    entry.reply.samples_us = {us, us, us, us, us, us, us, us, us};
    return entry;
}

JournalEntry failure(AnswerKind kind, const std::string& message) {
    JournalEntry entry = answer(1, 1);
    entry.kind = kind;
    entry.message = message;
    entry.seconds = 22;
    return entry;
}

QString at(const QAbstractItemModel& model, int row, int column) { return model.index(row, column).data().toString(); }

}  // namespace

class ModelsTest : public QObject {
    Q_OBJECT

private slots:
    void probes_are_listed_newest_first_and_the_oldest_fall_out() {
        ProbeTableModel model(ProbeTableModel::Of::answers, 3);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.add({answer(1, 10), failure(AnswerKind::crashed, "signal 11"), answer(2, 2000)});
        QCOMPARE(model.rowCount(), 2);
        QVERIFY(at(model, 0, ProbeTableModel::probe).startsWith("gemm bf16 m 2"));
        QCOMPARE(at(model, 0, ProbeTableModel::time), QString("2.00 ms"));
        model.add({answer(3, 1), answer(4, 1)});
        QCOMPARE(model.rowCount(), 3);
        QVERIFY(at(model, 0, ProbeTableModel::probe).startsWith("gemm bf16 m 4"));
        QVERIFY(at(model, 2, ProbeTableModel::probe).startsWith("gemm bf16 m 2"));
        model.add({answer(5, 1), answer(6, 1), answer(7, 1), answer(8, 1), answer(9, 1)});
        QCOMPARE(model.rowCount(), 3);
        QVERIFY(at(model, 2, ProbeTableModel::probe).startsWith("gemm bf16 m 7"));
        QCOMPARE(model.total(), 9);
        model.clear();
        QCOMPARE(model.rowCount(), 0);
    }

    void failures_say_why() {
        ProbeTableModel model(ProbeTableModel::Of::failures);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.add({answer(1, 10), failure(AnswerKind::out_of_memory, "no room")});
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(at(model, 0, ProbeTableModel::remark), QString("out of memory: no room"));
    }

    void a_lowered_clock_is_remarked() {
        ProbeTableModel model(ProbeTableModel::Of::answers);
        JournalEntry entry = answer(1, 10);
        entry.reply.throttled = true;
        model.add({entry});
        QVERIFY(at(model, 0, ProbeTableModel::remark).contains("lowered its clock"));
    }

    void families_show_their_error_and_then_that_of_the_fit() {
        FamilyTableModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        std::vector<GroupProgress> groups{{KernelFamily::gemm, "bf16", 12, 1, 0.081}, {KernelFamily::copy, "", 3, 0, std::nullopt}};
        model.show_progress(groups);
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(at(model, 0, FamilyTableModel::median_error), QString("8.1 %"));
        QCOMPARE(at(model, 1, FamilyTableModel::median_error), QString());
        FitReport fitted;
        FamilyProfile family;
        family.family = KernelFamily::gemm;
        family.format = "bf16";
        family.error = ErrorStats{};
        family.error->median_ape = 0.05;
        family.error->p90_ape = 0.2;
        family.error->coverage90 = 0.91;
        fitted.profile.families.push_back(family);
        model.show_fit(fitted);
        QCOMPARE(at(model, 0, FamilyTableModel::coverage), QString("91 %"));
        QCOMPARE(at(model, 1, FamilyTableModel::median_error), QString("too few"));
        groups.push_back(groups.front());
        model.show_progress(groups);
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(at(model, 0, FamilyTableModel::coverage), QString());
    }

    void the_picture_has_a_line_for_every_family_and_one_for_all() {
        QVERIFY(error_picture({}, {}, 0, std::nullopt).empty());
        const std::vector<ErrorMoment> history{{1, {{KernelFamily::gemm, 0.5}}, 0.5},
                                               {2, {{KernelFamily::gemm, 0.2}, {KernelFamily::copy, 0.1}}, 0.15}};
        const std::vector<GroupProgress> planned{{KernelFamily::gemm, "bf16", 1, 0, {}}, {KernelFamily::gemm, "fp8", 1, 0, {}},
                                                 {KernelFamily::copy, "", 1, 0, {}}};
        const Picture picture = error_picture(history, planned, 300, 0.04);
        QVERIFY(!picture.empty());
        QCOMPARE(picture.series.size(), std::size_t(3));
        QCOMPARE(picture.series[0].points.size(), std::size_t(2));
        QCOMPARE(picture.series[1].name, std::string("gemm"));
        QCOMPARE(picture.series[1].points.back().y, 0.2);
        QCOMPARE(picture.series[2].points.size(), std::size_t(1));
        QCOMPARE(picture.series[1].colour, 0);
        QCOMPARE(picture.series[2].colour, 1);
        QCOMPARE(picture.x.high, std::optional<double>(300));
        QCOMPARE(picture.markers.size(), std::size_t(1));
        QCOMPARE(picture.markers[0].y, 0.04);
    }

    void a_greeting_is_told_with_its_units() {
        WorkerHello hello;
        hello.device = "H100";
        hello.driver = "570.86";
        hello.memory_bytes = 80'000'000'000;
        hello.devices = 8;
        hello.ops = {{KernelFamily::gemm, {"bf16", "fp8"}}, {KernelFamily::copy, {}}};
        const QString text = hello_text(hello);
        QVERIFY2(text.startsWith("8 × H100 · "), qPrintable(text));
        QVERIFY(text.contains("driver 570.86"));
        QVERIFY(text.endsWith("gemm in bf16, fp8 · copy"));
    }

    void a_profile_goes_to_the_candidates_of_its_gpu() {
        Scenario scenario;
        for (const char* gpu : {"h100_sxm", "a100_sxm", "H100_SXM"}) {
            Candidate candidate;
            candidate.gpu = gpu;
            scenario.candidates.push_back(candidate);
        }
        use_profile(scenario, builtin_catalog(), "h100_sxm", "mine.json");
        QCOMPARE(scenario.candidates[0].profile, std::string("mine.json"));
        QCOMPARE(scenario.candidates[1].profile, std::string(kAutomaticProfile));
        QCOMPARE(scenario.candidates[2].profile, std::string("mine.json"));   // names are known in any case
        use_profile(scenario, builtin_catalog(), "", "all.json");
        for (const Candidate& candidate : scenario.candidates) QCOMPARE(candidate.profile, std::string("all.json"));
    }

    void workers_used_lately_come_after_those_beside_the_program() {
        const Scratch scratch;
        CalibrationPlaces places(QString::fromStdString(scratch.path().string()));
        const QStringList before = places.workers();
        QVERIFY(!before.isEmpty());
        places.remember_worker("ssh gpu01 moeplan-probe-cuda");
        places.remember_worker("ssh gpu02 moeplan-probe-cuda");
        places.remember_worker("ssh gpu01 moeplan-probe-cuda");
        places.remember_worker("two\nlines");
        QCOMPARE(places.workers(), before + QStringList({"ssh gpu01 moeplan-probe-cuda", "ssh gpu02 moeplan-probe-cuda"}));
    }

    void a_worker_has_one_journal_and_no_file_is_taken_twice() {
        const Scratch scratch;
        const CalibrationPlaces places(QString::fromStdString(scratch.path().string()));
        const QString journal = places.journal_of("ssh gpu01 moeplan-probe-cuda");
        QVERIFY(journal.endsWith("/calibration/ssh-gpu01-moeplan-probe-cuda.journal.jsonl"));
        QVERIFY(places.journal_of("'/opt/some where/moeplan-probe' --threads 1").endsWith("/moeplan-probe-threads-1.journal.jsonl"));
        QVERIFY(places.journal_of("/opt/bin/moeplan-probe --threads 1").endsWith("/calibration/moeplan-probe-threads-1.journal.jsonl"));
        QVERIFY(places.journal_of("").endsWith("/worker.journal.jsonl"));
        QCOMPARE(CalibrationPlaces::unused(journal), journal);
        QVERIFY(QDir().mkpath(QFileInfo(journal).path()));
        for (const char* next : {"-2.journal.jsonl", "-3.journal.jsonl"}) {
            QFile file(CalibrationPlaces::unused(journal));
            QVERIFY(file.open(QIODevice::WriteOnly));
            QVERIFY(CalibrationPlaces::unused(journal).endsWith(next));
        }
    }
};

QTEST_GUILESS_MAIN(ModelsTest)
#include "models_test.moc"
