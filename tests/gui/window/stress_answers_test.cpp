// What the window does while it waits for long answers: goes on, gives up, closes.
#include <memory>

#include <QAbstractButton>
#include <QAction>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QTableView>
#include <QTimer>

#include "gui/calibration/calibration_dialog.h"
#include "gui/window/look.h"
#include "tests/gui/window/stress_support.h"

using namespace moeplan;

namespace {

// Opened on recorded traffic, at work on a million requests.
struct BusyWindow : TestWindow {
    explicit BusyWindow(const Scratch& folder) : TestWindow(folder) {
        if (!session().open_example(starter("simulate-moe-or-dense"))) qFatal("cannot open the study");
        ask_for_a_million(session());
    }
    bool works() { return QTest::qWaitFor([&] { return session().answering() && session().progress() > 0; }, kAnswerWithin); }
    bool rests(int within = kAnswerWithin) { return QTest::qWaitFor([&] { return !session().answering(); }, within); }
};

}  // namespace

class StressAnswersTest : public QObject {
    Q_OBJECT

private slots:
    void the_window_goes_on_and_shows_what_is_known_while_a_million_requests_are_simulated() {
        const Scratch folder;
        BusyWindow w(folder);
        int beats = 0;
        QTimer beat;
        connect(&beat, &QTimer::timeout, [&] { ++beats; });
        beat.start(10);
        QSignalSpy parts(&w.session(), &Session::partly_answered);
        QTRY_VERIFY_WITH_TIMEOUT(!parts.isEmpty() || !w.session().answering(), kAnswerWithin);
        QVERIFY2(w.session().answering(), "over before it was begun");
        QVERIFY(w.session().is_partial());
        std::uint64_t arrived = 0;
        for (const CandidateReport& candidate : w.session().report()->candidates) {
            if (candidate.simulation) arrived += static_cast<std::uint64_t>(candidate.simulation->counts.arrived);
        }
        QVERIFY(arrived > 0);
        const int until_now = beats;
        QTRY_VERIFY_WITH_TIMEOUT(beats >= until_now + 20 || !w.session().answering(), kAnswerWithin);
        QVERIFY(w.session().answering());
        auto* cancel = w.window.findChild<QAbstractButton*>("status.cancel");
        QVERIFY(cancel && cancel->isVisible());
        QTest::mouseClick(cancel, Qt::LeftButton);
        QVERIFY(w.rests());
        QVERIFY(!w.session().is_current());
        QVERIFY(w.session().is_partial());
        const QString why = broken(w);
        QVERIFY2(why.isEmpty(), qPrintable(why));
    }

    void tabs_panels_and_looks_change_meanwhile() {
        const Scratch folder;
        BusyWindow w(folder);
        QVERIFY(w.works());
        for (int round = 0; round < 3; ++round) {
            for (const char* look : {"dark", "light"}) {
                w.window.findChild<QAction*>(QString("view.look.") + look)->trigger();
                for (int tab = 0; tab < w.window.picture_tabs()->count(); ++tab) {
                    w.window.step_picture_tab(1);
                    QTest::qWait(20);
                }
                for (QDockWidget* dock : w.window.docks().all) bring_up(*dock);
                zoom_text(look == QString("dark") ? 3 : -3);
                QVERIFY(!w.window.grab().isNull());
            }
            w.window.show_start_page();
            QTest::qWait(1);
        }
        w.window.reset_layout();
        reset_text_zoom();
        apply_look("desktop");
        w.session().cancel();
        QVERIFY(w.rests());
        const QString why = broken(w);
        QVERIFY2(why.isEmpty(), qPrintable(why));
    }

    void given_up_again_and_again_while_sliders_move() {
        const Scratch folder;
        BusyWindow w(folder);
        auto* slider = w.window.findChild<QSlider*>("candidate[0].count.slider");
        QVERIFY(slider);
        for (int round = 0; round < 20; ++round) {
            slider->setValue(round % 2 ? kSliderSteps : round * 10);
            if (round % 3 == 0) w.session().cancel();
            if (round % 5 == 0) w.session().ask_again();
            if (round % 7 == 0) w.session().undo_stack()->undo();
            QTest::qWait(round % 4 == 0 ? 60 : 1);
        }
        w.session().cancel();
        QVERIFY(w.rests());
        QString why = broken(w);
        QVERIFY2(why.isEmpty(), qPrintable(why));
        // And is of use afterwards.
        QVERIFY(w.session().open_example(starter("mixtral-vs-llama70b")));
        QTRY_VERIFY_WITH_TIMEOUT(w.session().is_current() && !w.session().answering(), kAnswerWithin);
        QVERIFY(!w.session().is_partial());
    }

    void the_window_closes_and_goes_while_it_answers() {
        for (const int after : {0, 1, 30, 400}) {
            const Scratch folder;
            BusyWindow w(folder);
            QTest::qWait(after);
            QVERIFY(w.session().answering());
            QVERIFY(w.window.close());
        }
        const Scratch folder;
        BusyWindow w(folder);
        QVERIFY(w.works());
        // What it was asked first is forgotten when another study is opened.
        QVERIFY(w.session().open_example(starter("platform-layout-search")));
        QTest::qWait(20);
        QVERIFY(w.session().open_example(starter("mixtral-vs-llama70b")));
        QTRY_VERIFY_WITH_TIMEOUT(w.session().is_current() && !w.session().answering(), kAnswerWithin);
        QCOMPARE(w.session().report()->candidates.size(), std::size_t{2});
        QVERIFY(w.window.close());
    }

    void the_window_closes_and_goes_while_a_device_is_measured() {
        for (const bool dialog_first : {false, true}) {
            const Scratch folder;
            TestWindow w(folder);
            QVERIFY(w.session().open_example(starter("mixtral-vs-llama70b")));
            CalibrationDialog& dialog = w.window.open_calibration();
            dialog.findChild<QComboBox*>("calibration_worker")
                ->setEditText(MOEPLAN_BINARY_DIR "/bin/moeplan_fake_worker --only gemm --only copy --slow 10");
            dialog.findChild<QDoubleSpinBox*>("calibration_minutes")->setValue(5);
            QTest::mouseClick(dialog.findChild<QAbstractButton*>("calibration_start"), Qt::LeftButton);
            const auto* probes = dialog.findChild<QTableView*>("calibration_probes");
            QTRY_VERIFY_WITH_TIMEOUT(probes->model()->rowCount() > 0, kAnswerWithin);
            QVERIFY(dialog.job().busy());
            auto* slider = w.window.findChild<QSlider*>("workload.users.slider");
            for (int position = 0; position <= kSliderSteps; position += 100) slider->setValue(position);
            if (dialog_first) dialog.close();   // asks, in the window itself
            QVERIFY(w.window.close());
            QVERIFY(!QApplication::activeModalWidget());
        }
    }

    void two_windows_leave_each_other_alone() {
        const Scratch folder;
        TestWindow first(folder);
        auto second = std::make_unique<TestWindow>(folder);
        QVERIFY(first.session().open_example(starter("mixtral-vs-llama70b")));
        QVERIFY(second->session().open_example(starter("simulate-moe-or-dense")));
        ask_for_a_million(second->session());
        auto* slider = first.window.findChild<QSlider*>("workload.users.slider");
        for (int position = 0; position <= kSliderSteps; position += 50) {
            slider->setValue(position);
            if (position % 200 == 0) second->session().ask_again();
            QTest::qWait(1);
        }
        const Scenario mine = first.session().scenario();
        QVERIFY(!first.session().recovered() && !second->session().recovered());
        apply_look("dark");
        QVERIFY(second->window.close());
        second.reset();
        apply_look("desktop");
        QVERIFY(first.session().scenario() == mine);
        QTRY_VERIFY_WITH_TIMEOUT(first.session().is_current() && !first.session().answering(), kAnswerWithin);
        TestWindow third(folder);
        QVERIFY(!third.session().recovered());   // what the first has not saved is the first's
        const QString why = broken(first);
        QVERIFY2(why.isEmpty(), qPrintable(why));
    }
};

QTEST_MAIN(StressAnswersTest)
#include "stress_answers_test.moc"
