// A calibration in its thread: what is told while it runs, how it ends, what it leaves.

#include <algorithm>
#include <filesystem>

#include <QSignalSpy>
#include <QTest>

#include "core/calibrate/profile.h"
#include "gpu/calibrator/journal.h"
#include "tests/gui/calibration/support.h"

using namespace moeplan;
using namespace moeplan::test;
using Phase = CalibrationJob::Phase;

namespace {

constexpr int kPatience = 60'000;

struct Listener {
    explicit Listener(CalibrationJob& job) {
        QObject::connect(&job, &CalibrationJob::answered, &job, [this](const std::vector<JournalEntry>& entries) {
            answers.insert(answers.end(), entries.begin(), entries.end());
        });
    }
    std::vector<JournalEntry> answers;
};

}  // namespace

class JobTest : public QObject {
    Q_OBJECT

private slots:
    void a_worker_that_is_greeted_says_what_it_is() {
        CalibrationJob job(builtin_catalog());
        QVERIFY(job.greet(fake_worker("--device H900 --memory 1000000")));
        QVERIFY(job.busy());
        QVERIFY(!job.greet(fake_worker()));
        QTRY_VERIFY_WITH_TIMEOUT(!job.busy(), kPatience);
        QVERIFY2(job.hello(), qPrintable(problems_of(job)));
        QCOMPARE(job.hello()->device, std::string("H900"));
        QVERIFY(job.phase() == Phase::idle);
    }

    void probes_arrive_errors_fall_and_the_profile_loads() {
        Scratch folder;
        CalibrationJob job(builtin_catalog());
        Listener listener(job);
        QVERIFY(job.start(order_for(steady_worker(), folder.path("deep/er/j.journal.jsonl"), 3)));
        QVERIFY(!job.can_save());
        QTRY_VERIFY_WITH_TIMEOUT(job.phase() == Phase::finished || job.phase() == Phase::failed, kPatience);
        QVERIFY2(job.phase() == Phase::finished, qPrintable(problems_of(job)));
        QCOMPARE(job.hello()->device, std::string("Fake 1"));
        QVERIFY(listener.answers.size() > 20);
        QVERIFY(listener.answers == job.calibration()->entries);
        QVERIFY(!job.history().empty());
        QVERIFY(job.history().back().families.contains(KernelFamily::gemm));
        QVERIFY(job.history().back().all);
        QSignalSpy saved(&job, &CalibrationJob::saved);
        const QString file = QString::fromStdString(folder.path("profiles/mine.json"));
        QVERIFY(job.save(file));
        QVERIFY(saved.wait(kPatience));
        const auto profile = load_profile(file.toStdString());
        QVERIFY(profile);
        QCOMPARE(profile->name, std::string("mine"));
        QCOMPARE(profile->device_name, std::string("Fake 1"));
        QVERIFY(!profile->families.empty());
        QVERIFY(job.phase() == Phase::finished);
    }

    void what_was_stopped_can_be_gone_on_with() {
        Scratch folder;
        CalibrationJob job(builtin_catalog());
        auto order = order_for(steady_worker(), folder.path("j"));
        {
            Listener listener(job);
            QVERIFY(job.start(order));
            QTRY_VERIFY_WITH_TIMEOUT(listener.answers.size() >= 30, kPatience);
            job.stop();
            QVERIFY(job.phase() == Phase::stopping);
            QTRY_VERIFY_WITH_TIMEOUT(job.phase() == Phase::stopped, kPatience);
            job.disconnect();
        }
        const auto kept = read_journal(order.journal);
        QVERIFY(kept);
        QVERIFY(kept->entries.size() >= 30);
        Listener listener(job);
        order.resume = true;
        QVERIFY(job.start(order));
        QTRY_VERIFY_WITH_TIMEOUT(listener.answers.size() > kept->entries.size() + 5, kPatience);
        job.stop();
        QTRY_VERIFY_WITH_TIMEOUT(job.phase() == Phase::stopped, kPatience);
        QVERIFY(std::equal(kept->entries.begin(), kept->entries.end(), listener.answers.begin()));
        // Stopped is not lost: what there is can be fitted and saved.
        QSignalSpy saved(&job, &CalibrationJob::saved);
        QVERIFY(job.save(QString::fromStdString(folder.path("p.json"))));
        QVERIFY(saved.wait(kPatience));
        QVERIFY(load_profile(folder.path("p.json")));
        QVERIFY(job.phase() == Phase::stopped);
    }

    void a_journal_that_is_there_is_left_alone() {
        Scratch folder;
        const std::string file = folder.file("j", "precious\n");
        CalibrationJob job(builtin_catalog());
        QVERIFY(job.start(order_for(steady_worker(), file)));
        QTRY_VERIFY_WITH_TIMEOUT(job.phase() == Phase::failed, kPatience);
        QVERIFY(problems_of(job).contains("is there already"));
        QCOMPARE(text_of(std::filesystem::path(file)), std::string("precious\n"));
    }

    void a_worker_that_does_not_work_is_named_with_its_reason_data() {
        QTest::addColumn<QString>("worker");
        QTest::addColumn<QString>("reason");
        QTest::newRow("there is none") << "no-such-worker-anywhere" << "ended before its greeting";
        QTest::newRow("it says why") << QString::fromStdString(fake_worker("--die 'no CUDA driver'")) << "no CUDA driver";
        QTest::newRow("it says nothing") << QString::fromStdString(fake_worker("--mute")) << "did not greet within 2 s";
        QTest::newRow("it prints garbage") << QString::fromStdString(fake_worker("--babble")) << "is not understood";
        QTest::newRow("it crashes on everything") << QString::fromStdString(fake_worker("--crash-at 1")) << "failed 5 times in a row";
        QTest::newRow("it answers garbage") << QString::fromStdString(fake_worker("--garbage-at 1")) << "it answered 'Segmentation fault";
    }

    void a_worker_that_does_not_work_is_named_with_its_reason() {
        QFETCH(QString, worker);
        QFETCH(QString, reason);
        Scratch folder;
        CalibrationJob job(builtin_catalog());
        auto order = order_for(worker.toStdString(), folder.path("j"));
        order.times.hello_s = 2;
        QVERIFY(job.start(order));
        QTRY_VERIFY_WITH_TIMEOUT(job.phase() == Phase::failed, kPatience);
        QVERIFY2(problems_of(job).contains(reason), qPrintable(problems_of(job)));
    }

    void a_worker_that_crashes_now_and_then_is_started_again_and_its_failures_are_told() {
        Scratch folder;
        CalibrationJob job(builtin_catalog());
        Listener listener(job);
        QVERIFY(job.start(order_for(fake_worker("--only gemm --slow 5 --crash-at 8"), folder.path("j"))));
        const auto count = [&](AnswerKind kind) { return std::ranges::count(listener.answers, kind, &JournalEntry::kind); };
        QTRY_VERIFY_WITH_TIMEOUT(count(AnswerKind::crashed) >= 2 && count(AnswerKind::ok) >= 14, kPatience);
        job.stop();
        QTRY_VERIFY_WITH_TIMEOUT(job.phase() == Phase::stopped, kPatience);
    }

    void a_worker_that_hangs_can_be_stopped() {
        Scratch folder;
        CalibrationJob job(builtin_catalog());
        auto order = order_for(fake_worker("--only gemm --hang-at 3 --stubborn"), folder.path("j"));
        order.times.grace_s = 3600;
        Listener listener(job);
        QVERIFY(job.start(order));
        QTRY_VERIFY_WITH_TIMEOUT(listener.answers.size() == 2, kPatience);
        job.stop();
        QTRY_VERIFY_WITH_TIMEOUT(job.phase() == Phase::stopped, kPatience);
    }

    void a_job_destroyed_while_it_runs_ends_its_worker() {
        Scratch folder;
        {
            CalibrationJob job(builtin_catalog());
            Listener listener(job);
            QVERIFY(job.start(order_for(steady_worker() + " --pid-file " + folder.path("pid"), folder.path("j"))));
            QTRY_VERIFY_WITH_TIMEOUT(listener.answers.size() >= 5, kPatience);
        }
        const std::string pid = text_of(std::filesystem::path(folder.path("pid")));
        QVERIFY(!pid.empty());
        QVERIFY(!std::filesystem::exists("/proc/" + pid.substr(0, pid.find('\n'))));
    }

    void a_study_says_what_is_measured() {
        Scratch folder;
        CalibrationJob job(builtin_catalog());
        Listener listener(job);
        auto order = order_for(fake_worker("--only gemm --slow 2"), folder.path("j"));
        order.study = std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/studies/mixtral-vs-llama70b.yaml";
        QVERIFY(job.start(order));
        QTRY_VERIFY_WITH_TIMEOUT(!job.busy(), kPatience);
        QVERIFY2(job.calibration(), qPrintable(problems_of(job)));
        // A study has few shapes; well-known models have more than the time allows.
        QVERIFY(job.calibration()->stop == StopReason::everything_measured);
        QVERIFY(!listener.answers.empty());
        QVERIFY(!job.calibration()->left_out.empty());

        order.study = folder.path("none.yaml");
        order.journal = folder.path("j2");
        QVERIFY(job.start(order));
        QTRY_VERIFY_WITH_TIMEOUT(job.phase() == Phase::failed, kPatience);
        QVERIFY2(problems_of(job).contains("none.yaml"), qPrintable(problems_of(job)));
    }

    void this_machine_is_measured_by_the_probe_beside_the_program() {
        Scratch folder;
        CalibrationJob job(builtin_catalog());
        Listener listener(job);
        auto order = order_for(program("moeplan-probe"), folder.path("j"));
        order.times = {60, 20, 0.5};
        QVERIFY(job.start(order));
        QTRY_VERIFY_WITH_TIMEOUT(std::ranges::count(listener.answers, AnswerKind::ok, &JournalEntry::kind) >= 3 || !job.busy(), kPatience);
        QVERIFY2(job.busy(), qPrintable(problems_of(job)));
        QVERIFY(!job.hello()->device.empty());
        QVERIFY(job.hello()->memory_bytes > 0);
        job.stop();
        QTRY_VERIFY_WITH_TIMEOUT(job.phase() == Phase::stopped, kPatience);
    }
};

QTEST_GUILESS_MAIN(JobTest)
#include "job_test.moc"
