// What is saved is what stands on the screen, and nothing is replaced or given up unasked.
#include <filesystem>

#include <QAbstractButton>
#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>

#include "gui/plots/picture_plot.h"
#include "tests/gui/window/window_support.h"

using namespace moeplan;

namespace {

QString path_in(const Scratch& folder, const char* name) { return QString::fromStdString(folder.path(name)); }

// The window with a study of its own file.
struct SavedWindow : TestWindow {
    explicit SavedWindow(const Scratch& folder) : TestWindow(folder), file(path_in(folder, "mine.yaml")) {
        session().start_new();
        if (!session().save_as(file)) qFatal("the study cannot be saved");
    }
    void trigger(const char* action) { window.findChild<QAction*>(action)->trigger(); }
    QPlainTextEdit& text() {
        trigger("edit.text");
        return *window.findChild<QPlainTextEdit*>("study_text.editor");
    }
    // Before the pause after which it would be taken.
    void type_at_the_top(const char* line) {
        QPlainTextEdit& editor = text();
        editor.moveCursor(QTextCursor::Start);
        QTest::keyClicks(&editor, line);
        QTest::keyClick(&editor, Qt::Key_Return);
    }
    std::string on_disk() const { return text_of(file.toStdString()); }

    QString file;
};

}  // namespace

class SavingTest : public QObject {
    Q_OBJECT

private slots:
    void a_line_typed_a_moment_ago_is_saved_and_stays() {
        const Scratch folder;
        SavedWindow w(folder);
        w.type_at_the_top("# typed just now");
        w.trigger("file.save");
        QVERIFY(w.on_disk().starts_with("# typed just now\n"));
        QVERIFY(w.text().toPlainText().startsWith("# typed just now\n"));
        QVERIFY(!w.session().is_modified());
    }

    void a_number_typed_a_moment_ago_is_saved() {
        const Scratch folder;
        SavedWindow w(folder);
        auto* users = w.window.findChild<QLineEdit*>("workload.users.value");
        QVERIFY(users);
        users->setFocus();
        users->selectAll();
        QTest::keyClicks(users, "77");
        w.trigger("file.save");
        QVERIFY2(w.on_disk().find("concurrency: 77") != std::string::npos, w.on_disk().c_str());
    }

    void leaving_asks_about_what_was_typed_a_moment_ago() {
        const Scratch folder;
        SavedWindow w(folder);
        int asked = 0;
        w.window.ask_leaving = [&] { ++asked; return MainWindow::Leaving::stay; };
        w.type_at_the_top("# typed just now");
        QVERIFY(!w.window.close());
        QCOMPARE(asked, 1);
    }

    void text_that_cannot_be_read_is_not_given_up_unasked() {
        const Scratch folder;
        SavedWindow w(folder);
        int asked = 0;
        w.window.ask_leaving = [&] { ++asked; return MainWindow::Leaving::save; };
        w.type_at_the_top("- nonsense: [");
        QVERIFY(!w.window.close());
        QCOMPARE(asked, 1);
        QVERIFY(w.window.isWindowModified());
        QVERIFY(w.text().toPlainText().startsWith("- nonsense: [\n"));
        QVERIFY(w.on_disk().find("nonsense") == std::string::npos);
        w.session().edit("change users", [](Scenario& s) { s.workload.load = ClosedLoop{3}; });
        QVERIFY(!w.text().toPlainText().contains("nonsense"));
        w.trigger("edit.undo");
        QVERIFY(w.text().toPlainText().startsWith("- nonsense: [\n"));
        QTest::mouseClick(w.window.findChild<QAbstractButton*>("notice.problems.Give the text up"), Qt::LeftButton);
        QVERIFY(!w.text().toPlainText().contains("nonsense"));
        QVERIFY(!w.window.findChild<QWidget*>("notice.problems")->isVisible());
    }

    void recovering_asks_about_the_study_that_is_open() {
        const Scratch folder;
        {
            Session left(builtin_catalog(), path_in(folder, "state"));
            left.start_new();
            left.edit("change users", [](Scenario& s) { s.workload.load = ClosedLoop{4711}; });
            left.keep_for_next_time();
        }
        SavedWindow w(folder);
        w.session().edit("rename", [](Scenario& s) { s.name = "mine"; });
        auto* recover = w.window.findChild<QAbstractButton*>("notice.recovered.Recover");
        QVERIFY(recover);
        w.window.ask_leaving = [] { return MainWindow::Leaving::stay; };
        QTest::mouseClick(recover, Qt::LeftButton);
        QCOMPARE(w.session().scenario().name, std::string("mine"));
        QVERIFY(w.session().recovered().has_value());
        w.window.ask_leaving = [] { return MainWindow::Leaving::discard; };
        QTest::mouseClick(recover, Qt::LeftButton);
        QVERIFY(!w.session().recovered().has_value());
        QCOMPARE(std::get<ClosedLoop>(w.session().scenario().workload.load).concurrency, 4711.0);
    }

    void a_name_without_its_ending_gets_it_and_replaces_nothing_unasked() {
        const Scratch folder;
        SavedWindow w(folder);
        const QString precious = QString::fromStdString(folder.file("precious.yaml", "name: theirs\n"));
        QStringList asked;
        bool replace = false;
        w.window.ask_where = [&](const QString&) { return path_in(folder, "precious"); };
        w.window.ask_replacing = [&](const QString& file) { return asked << file, replace; };
        QVERIFY(!w.window.save_study_as());
        QCOMPARE(asked, QStringList{precious});
        QCOMPARE(text_of(precious.toStdString()), std::string("name: theirs\n"));
        replace = true;
        QVERIFY(w.window.save_study_as());
        QVERIFY(text_of(precious.toStdString()) != "name: theirs\n");
        w.window.ask_where = [&](const QString&) { return path_in(folder, "Qwen2.5"); };
        QVERIFY(w.window.save_study_as());
        QCOMPARE(w.session().file(), path_in(folder, "Qwen2.5.yaml"));
        w.window.ask_where = [&](const QString&) { return path_in(folder, "Other.YML"); };
        QVERIFY(w.window.save_study_as());
        QCOMPARE(w.session().file(), path_in(folder, "Other.YML"));
    }

    void an_exported_report_replaces_nothing_unasked_either() {
        const Scratch folder;
        SavedWindow w(folder);
        QTRY_VERIFY_WITH_TIMEOUT(w.session().is_current(), kAnswerWithin);
        folder.file("v1.2.html", "theirs");
        w.window.ask_where = [&](const QString&) { return path_in(folder, "v1.2"); };
        w.window.ask_replacing = [](const QString&) { return false; };
        w.trigger("file.export_html");
        QCOMPARE(text_of(folder.path("v1.2.html")), std::string("theirs"));
        w.window.ask_replacing = [](const QString&) { return true; };
        w.trigger("file.export_html");
        QVERIFY(text_of(folder.path("v1.2.html")).ends_with("</html>\n"));
    }

    void a_file_that_somebody_else_changed_is_not_replaced_unasked() {
        const Scratch folder;
        SavedWindow w(folder);
        const std::string theirs = "# theirs\n" + w.on_disk();
        folder.file("mine.yaml", theirs);
        w.session().edit("rename", [](Scenario& s) { s.name = "mine"; });
        w.window.ask_saving = [] { return MainWindow::Saving::stay; };
        QVERIFY(!w.window.save_study());
        QCOMPARE(w.on_disk(), theirs);
        w.window.ask_saving = [] { return MainWindow::Saving::elsewhere; };
        w.window.ask_where = [&](const QString&) { return path_in(folder, "other.yaml"); };
        QVERIFY(w.window.save_study());
        QCOMPARE(w.on_disk(), theirs);
        w.window.ask_saving = [] { return MainWindow::Saving::replace; };
        folder.file("other.yaml", theirs);
        QVERIFY(w.window.save_study());
        QVERIFY(text_of(folder.path("other.yaml")).find("# theirs") == std::string::npos);
    }

    void a_file_that_somebody_else_changed_is_offered_to_be_reloaded() {
        const Scratch folder;
        SavedWindow w(folder);
        auto* bar = w.window.findChild<QWidget*>("notice.disk");
        QTest::qWait(500);   // its own saving is not somebody else's
        QVERIFY(!bar->isVisible());
        w.session().edit("rename", [](Scenario& s) { s.name = "mine"; });
        const std::string saved = w.on_disk();
        folder.file("mine.yaml", "# theirs\n" + saved);
        QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), kAnswerWithin);
        QVERIFY(w.window.findChild<QLabel*>("notice.disk.message")->text().contains("Undo brings them back"));
        QTest::mouseClick(bar->findChild<QAbstractButton*>("notice.disk.Keep this one"), Qt::LeftButton);
        QVERIFY(!bar->isVisible());
        // Replaced by another file, as many editors save.
        folder.file("new", "# theirs, again\n" + saved);
        std::filesystem::rename(folder.path("new"), folder.path("mine.yaml"));
        QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), kAnswerWithin);
        QTest::mouseClick(bar->findChild<QAbstractButton*>("notice.disk.Reload"), Qt::LeftButton);
        QVERIFY(!bar->isVisible());
        QVERIFY(w.session().text().startsWith("# theirs, again\n"));
        QVERIFY(!w.session().is_modified());
        w.trigger("edit.undo");
        QCOMPARE(w.session().scenario().name, std::string("mine"));
        QVERIFY(w.session().is_modified());
    }

    void half_a_simulation_is_neither_exported_nor_shown_as_an_answer() {
        const Scratch folder;
        SavedWindow w(folder);
        w.session().edit("simulate", [](Scenario& s) {
            s.method = Method::simulate;
            s.simulate.requests = 100'000'000;
        });
        QTRY_VERIFY_WITH_TIMEOUT(w.session().is_partial(), kAnswerWithin);
        const auto& nothing = w.window.findChild<PicturePlot*>("picture.throughput_against_interactivity")->picture().nothing;
        QCOMPARE(nothing, std::string("Known when the simulation is done."));
        QSignalSpy told(&w.session(), &Session::told);
        w.window.ask_where = [&](const QString&) { return path_in(folder, "report.html"); };
        w.trigger("file.export_html");
        QVERIFY(told.back().front().toString().startsWith("Not exported"));
        w.session().cancel();
        w.trigger("file.export_html");
        QVERIFY(told.back().front().toString().startsWith("Not exported"));
        QVERIFY(!std::filesystem::exists(folder.path("report.html")));
        w.session().edit("analyse", [](Scenario& s) { s.method = Method::analyse; });
        w.trigger("file.export_html");   // awaited
        QTRY_VERIFY_WITH_TIMEOUT(w.session().is_current(), kAnswerWithin);
        w.trigger("file.export_html");
        QVERIFY(std::filesystem::exists(folder.path("report.html")));
    }

    void a_study_of_any_ending_is_opened_again_from_the_recent_files() {
        const Scratch folder;
        SavedWindow w(folder);
        const QString plain = QString::fromStdString(folder.file("plain.txt", w.on_disk()));
        QVERIFY(w.session().open(plain));
        w.session().start_new();
        auto* recent = w.window.findChild<QMenu*>("menu.recent");
        emit recent->aboutToShow();
        recent->actions().front()->trigger();
        QCOMPARE(w.session().file(), plain);
    }

    void a_file_that_is_missing_is_named() {
        const Scratch folder;
        SavedWindow w(folder);
        QVERIFY(!w.session().open(path_in(folder, "missing.yaml")));
        const QString said = w.window.findChild<QLabel*>("notice.problems.message")->text();
        QVERIFY2(said.contains("missing.yaml"), qPrintable(said));
    }

    void text_typed_before_a_slider_moves_is_kept() {
        const Scratch folder;
        SavedWindow w(folder);
        w.type_at_the_top("# typed just now");
        auto* users = w.window.findChild<QLineEdit*>("workload.users.value");
        QFocusEvent leaves(QEvent::FocusOut);
        QApplication::sendEvent(&w.text(), &leaves);
        QVERIFY(w.session().text().startsWith("# typed just now\n"));
        users->setText("5");
        users->setModified(true);
        QTest::keyClick(users, Qt::Key_Return);
        QVERIFY(w.session().text().startsWith("# typed just now\n"));
    }
};

QTEST_MAIN(SavingTest)
#include "saving_test.moc"
