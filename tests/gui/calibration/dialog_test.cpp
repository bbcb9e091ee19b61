// The calibration window as its user sees it.

#include <QAbstractButton>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPalette>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

#include "core/calibrate/profile.h"
#include "gui/calibration/calibration_dialog.h"
#include "tests/gui/calibration/support.h"

using namespace moeplan;
using namespace moeplan::test;
using Phase = CalibrationJob::Phase;

namespace {

constexpr int kPatience = 60'000;

struct Window {
    Window() : dialog(builtin_catalog(), QString::fromStdString(scratch.path("state"))) {
        dialog.show();
        static_cast<void>(QTest::qWaitForWindowExposed(&dialog));
    }
    template <class Widget>
    Widget* find(const char* name) {
        return dialog.findChild<Widget*>(name);
    }
    void click(const char* name) { QTest::mouseClick(find<QAbstractButton>(name), Qt::LeftButton); }
    void use(const std::string& worker, double minutes) {
        find<QComboBox>("calibration_worker")->setEditText(QString::fromStdString(worker));
        find<QDoubleSpinBox>("calibration_minutes")->setValue(minutes);
    }
    bool enabled(const char* name) { return find<QAbstractButton>(name)->isEnabled(); }
    int rows(const char* name) { return find<QTableView>(name)->model()->rowCount(); }
    QString notice() {
        const auto* label = find<QLabel>("calibration_notice_text");
        return label->isVisible() ? label->text() : QString();
    }

    Scratch scratch;
    CalibrationDialog dialog;
};

QPalette dark() {
    QPalette palette;
    palette.setColor(QPalette::Window, QColor(0x20, 0x22, 0x26));
    palette.setColor(QPalette::WindowText, QColor(0xe6, 0xe6, 0xe6));
    palette.setColor(QPalette::Base, QColor(0x18, 0x1a, 0x1d));
    palette.setColor(QPalette::AlternateBase, QColor(0x26, 0x29, 0x2e));
    palette.setColor(QPalette::Text, QColor(0xe6, 0xe6, 0xe6));
    palette.setColor(QPalette::Button, QColor(0x2c, 0x2f, 0x34));
    palette.setColor(QPalette::ButtonText, QColor(0xe6, 0xe6, 0xe6));
    palette.setColor(QPalette::PlaceholderText, QColor(0x90, 0x90, 0x90));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, QColor(0x70, 0x74, 0x78));
    return palette;
}

// MOEPLAN_GUI_PICTURES=FOLDER keeps what the window looks like, to be looked at.
void keep(QWidget& widget, const QString& name) {
    const QString folder = qEnvironmentVariable("MOEPLAN_GUI_PICTURES");
    if (!folder.isEmpty()) widget.grab().save(folder + "/calibration-" + name + ".png");
}

}  // namespace

class DialogTest : public QObject {
    Q_OBJECT

private slots:
    void every_control_has_a_name_and_an_accessible_name() {
        Window window;
        int controls = 0;
        const auto all = window.dialog.findChildren<QWidget*>();
        for (QWidget* widget : all) {
            const bool control = qobject_cast<QAbstractButton*>(widget) || qobject_cast<QLineEdit*>(widget) ||
                                 qobject_cast<QComboBox*>(widget) || qobject_cast<QDoubleSpinBox*>(widget) ||
                                 qobject_cast<QTableView*>(widget);
            if (!control || !widget->objectName().startsWith("calibration_")) continue;
            ++controls;
            QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(widget->objectName()));
        }
        QVERIFY(controls >= 20);
        keep(window.dialog, "empty");
    }

    void the_worker_beside_the_program_is_offered_first() {
        Window window;
        QVERIFY(window.find<QComboBox>("calibration_worker")->currentText().contains("moeplan-probe"));
        QVERIFY(window.enabled("calibration_start"));
        QVERIFY(!window.enabled("calibration_resume"));
        QVERIFY(!window.enabled("calibration_stop"));
        QVERIFY(!window.enabled("calibration_save"));
    }

    void asking_a_worker_shows_its_device() {
        Window window;
        window.use(fake_worker("--device H900"), 1);
        window.click("calibration_greet");
        QTRY_VERIFY_WITH_TIMEOUT(window.find<QLabel>("calibration_hello")->text().contains("H900"), kPatience);
        QVERIFY(window.find<QLineEdit>("calibration_profile")->text().endsWith("/profiles/h900.json"));
    }

    void a_calibration_from_start_to_saved_profile() {
        Window window;
        const QPalette light = QApplication::palette();
        window.use(steady_worker(), 0.05);
        window.click("calibration_start");
        QVERIFY(window.enabled("calibration_stop"));
        QVERIFY(!window.enabled("calibration_start"));
        QTRY_VERIFY_WITH_TIMEOUT(window.rows("calibration_probes") > 10, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(!window.dialog.job().busy(), kPatience);
        QVERIFY2(window.dialog.job().phase() == Phase::finished, qPrintable(window.notice()));
        QCOMPARE(window.rows("calibration_families"), 2);
        QVERIFY(window.find<QLabel>("calibration_state")->text().startsWith("Done"));
        QTest::qWait(300);
        keep(window.dialog, "done");
        QApplication::setPalette(dark());
        QTest::qWait(300);
        keep(window.dialog, "done-dark");
        QApplication::setPalette(light);

        const QString file = QString::fromStdString(window.scratch.path("p.json"));
        window.find<QLineEdit>("calibration_profile")->setText(file);
        QSignalSpy saved(&window.dialog, &CalibrationDialog::profile_saved);
        QSignalSpy wanted(&window.dialog, &CalibrationDialog::profile_wanted);
        window.click("calibration_save");
        QVERIFY(saved.wait(kPatience));
        QCOMPARE(saved.at(0).at(0).toString(), file);
        QCOMPARE(wanted.count(), 1);
        QCOMPARE(wanted.at(0).at(1).toString(), QString());   // no GPU of the catalog is called Fake 1
        QVERIFY(load_profile(file.toStdString()));
        QVERIFY(window.notice().contains("p.json is written"));

        window.find<QCheckBox>("calibration_use")->setChecked(false);
        window.click("calibration_save");
        QVERIFY(saved.wait(kPatience));
        QCOMPARE(wanted.count(), 1);
    }

    void stop_resume_and_start_anew() {
        Window window;
        window.use(steady_worker(), 5);
        auto* journal = window.find<QLineEdit>("calibration_journal");
        const QString first = journal->text();
        window.click("calibration_start");
        QTRY_VERIFY_WITH_TIMEOUT(window.rows("calibration_probes") > 20, kPatience);
        keep(window.dialog, "running");
        window.click("calibration_stop");
        QTRY_VERIFY_WITH_TIMEOUT(window.dialog.job().phase() == Phase::stopped, kPatience);
        QCOMPARE(journal->text(), first);
        QVERIFY(window.enabled("calibration_resume"));
        QVERIFY(window.enabled("calibration_save"));
        const int kept = window.rows("calibration_probes");
        window.click("calibration_resume");
        QTRY_VERIFY_WITH_TIMEOUT(window.rows("calibration_probes") > kept + 5, kPatience);
        window.click("calibration_stop");
        QTRY_VERIFY_WITH_TIMEOUT(window.dialog.job().phase() == Phase::stopped, kPatience);
        window.click("calibration_start");
        QVERIFY(journal->text() != first);
        QTRY_VERIFY_WITH_TIMEOUT(window.rows("calibration_probes") > 0, kPatience);
        QVERIFY(window.rows("calibration_probes") < kept);
    }

    void closing_while_it_measures_asks_in_the_window() {
        Window window;
        window.use(steady_worker(), 5);
        window.click("calibration_start");
        QTRY_VERIFY_WITH_TIMEOUT(window.rows("calibration_probes") > 0, kPatience);
        QVERIFY(!window.dialog.close());
        QVERIFY(window.dialog.isVisible());
        QVERIFY(window.notice().contains("still measuring"));
        keep(window.dialog, "closing");
        window.click("calibration_keep_on");
        QCOMPARE(window.notice(), QString());
        QVERIFY(window.dialog.job().busy());
        QTest::keyClick(&window.dialog, Qt::Key_Escape);
        QVERIFY(window.dialog.isVisible());
        window.click("calibration_close_anyway");
        QVERIFY(!window.dialog.isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(!window.dialog.job().busy(), kPatience);
        window.dialog.show();
        QVERIFY(window.enabled("calibration_resume"));
    }

    void what_is_wrong_is_said_in_the_window() {
        Window window;
        window.use(fake_worker("--die 'no CUDA driver'"), 1);
        window.click("calibration_start");
        QTRY_VERIFY_WITH_TIMEOUT(window.notice().contains("no CUDA driver"), kPatience);
        QVERIFY(!window.notice().contains("--resume"));
        keep(window.dialog, "problem");
        window.use("", 1);
        window.click("calibration_start");
        QVERIFY(window.notice().startsWith("Name a worker"));
        window.use(steady_worker(), 1);
        window.find<QComboBox>("calibration_what")->setCurrentIndex(1);
        window.click("calibration_start");
        QVERIFY(window.notice().startsWith("Name the study"));
        QVERIFY(!window.dialog.job().busy());
    }

    void failed_attempts_are_listed() {
        Window window;
        window.use(fake_worker("--only gemm --slow 5 --crash-at 8"), 5);
        window.click("calibration_start");
        QTRY_VERIFY_WITH_TIMEOUT(window.rows("calibration_failures") > 0, kPatience);
        window.click("calibration_stop");
        QTRY_VERIFY_WITH_TIMEOUT(!window.dialog.job().busy(), kPatience);
    }

    void it_can_be_driven_by_keyboard_alone() {
        Window window;
        window.use(steady_worker(), 5);
        window.find<QWidget>("calibration_worker")->setFocus();
        int visited = 0;
        while (window.dialog.focusWidget() != window.find<QWidget>("calibration_start") && visited < 40) {
            QTest::keyClick(window.dialog.focusWidget(), Qt::Key_Tab);
            ++visited;
        }
        QVERIFY(visited < 40);
        QTest::keyClick(window.dialog.focusWidget(), Qt::Key_Space);
        QTRY_VERIFY_WITH_TIMEOUT(window.rows("calibration_probes") > 0, kPatience);
        window.find<QWidget>("calibration_stop")->setFocus();
        QTest::keyClick(window.dialog.focusWidget(), Qt::Key_Space);
        QTRY_VERIFY_WITH_TIMEOUT(window.dialog.job().phase() == Phase::stopped, kPatience);
    }
};

QTEST_MAIN(DialogTest)
#include "dialog_test.moc"
