#include <algorithm>
#include <filesystem>
#include <map>

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAction>
#include <QApplication>
#include <QDropEvent>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QRegularExpression>
#include <QScreen>
#include <QStackedWidget>
#include <QTabBar>
#include <QTreeWidget>
#include <QUndoStack>

#include "gui/panels/message_line.h"
#include "gui/plots/picture_plot.h"
#include "gui/window/export_report.h"
#include "gui/window/look.h"
#include "tests/gui/window/window_support.h"

using namespace moeplan;

namespace {

void set_users(Scenario& s, double users) { s.workload.load = ClosedLoop{users}; }

// The actions of all menus, leaving out the recent files.
void collect(const QMenu& menu, std::vector<QAction*>& into) {
    if (menu.objectName() == "menu.recent") return;
    for (QAction* action : menu.actions()) {
        if (action->menu()) collect(*action->menu(), into);
        else if (!action->isSeparator()) into.push_back(action);
    }
}
std::vector<QAction*> actions_of(const MainWindow& window) {
    std::vector<QAction*> actions;
    for (const QAction* top : window.menuBar()->actions()) collect(*top->menu(), actions);
    return actions;
}

// What can be reached by keys, is seen, and has no name.
QStringList nameless_in(const QWidget& all) {
    QStringList nameless;
    for (const QWidget* widget : all.findChildren<QWidget*>()) {
        if (widget->focusPolicy() == Qt::NoFocus || !widget->isVisible() || !widget->isEnabled() || widget->focusProxy()) continue;
        if (widget->objectName().startsWith("qt_") || !widget->accessibleName().isEmpty()) continue;
        if (qobject_cast<const QTabBar*>(widget) || qobject_cast<const QLabel*>(widget)) continue;   // named by their texts
        if (const auto* button = qobject_cast<const QAbstractButton*>(widget); button && !button->text().isEmpty()) continue;
        QStringList path;
        for (const QWidget* at = widget; at; at = at->parentWidget())
            path << QString(at->metaObject()->className()) + "#" + at->objectName();
        nameless << path.mid(0, 4).join(" < ");
    }
    return nameless;
}

void drop(MainWindow& window, const QString& file) {
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(file)});
    QDragEnterEvent enter(QPoint(300, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&window, &enter);
    QDropEvent event(QPointF(300, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&window, &event);
}

}  // namespace

class WindowTest : public QObject {
    Q_OBJECT

private slots:
    void a_new_window_shows_the_start_page_with_examples_and_one_click_gives_pictures() {
        const Scratch folder;
        TestWindow w(folder);
        auto* examples = w.window.findChild<QTreeWidget*>("start.examples");
        QVERIFY(examples);
        QTRY_VERIFY(examples->topLevelItemCount() > 5);
        auto* centre = w.window.findChild<QStackedWidget*>("centre");
        QCOMPARE(centre->currentIndex(), 0);
        int claims = 0, studies = 0;
        for (int g = 0; g < examples->topLevelItemCount(); ++g) {
            auto* group = examples->topLevelItem(g);
            for (int i = 0; i < group->childCount(); ++i) (group->text(0).startsWith("Claims") ? claims : studies)++;
        }
        QCOMPARE(claims, 28);
        QVERIFY(studies >= 26);
        emit examples->itemActivated(examples->topLevelItem(0)->child(0), 0);
        QTRY_VERIFY_WITH_TIMEOUT(w.session().is_current(), kAnswerWithin);
        QCOMPARE(centre->currentIndex(), 1);
        QVERIFY(w.session().file().isEmpty());
    }

    void the_first_button_answers_which_of_two_is_cheaper() {
        const Scratch folder;
        TestWindow w(folder);
        auto* button = w.window.findChild<QAbstractButton*>("start.new");
        QVERIFY(button);
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(w.session().is_current(), kAnswerWithin);
        const auto* verdict = w.window.findChild<QLabel*>("meaning.verdict");
        QVERIFY2(verdict->text().contains("cost per correct answer"), qPrintable(verdict->text()));
        const QString flips = w.window.findChild<QLabel*>("meaning.flips")->text();
        QVERIFY2(flips.contains(QRegularExpression("below batch [0-9.]+ llama is better, above it mixtral")), qPrintable(flips));
        const auto& markers = w.window.findChild<PicturePlot*>("picture.cost_against_batch")->picture().markers;
        QVERIFY(std::ranges::any_of(markers, [](const PictureMarker& m) { return m.label.starts_with("crossover "); }));
    }

    void broken_files_leave_the_study_and_are_shown_at_their_place() {
        const Scratch folder;
        TestWindow w(folder);
        w.session().start_new();
        const std::string before = w.session().scenario().name;
        const QString broken = QString::fromStdString(folder.file("broken.yaml", "name: x\ncandidates:\n  - {nme: a}\n"));
        w.window.take_file(broken);
        QCOMPARE(w.session().scenario().name, before);
        QVERIFY(w.window.docks().problems->isVisible());
        auto* editor = w.window.findChild<QPlainTextEdit*>("study_text.editor");
        QTRY_VERIFY(editor->toPlainText().contains("nme: a"));
        QVERIFY(w.window.findChild<QWidget*>("notice.problems")->isVisible());
        for (const std::string& file : {folder.file("a.gguf", "not a model"), folder.file("config.json", "{"),
                                        folder.file("t.csv", "no trace"), folder.file("p.png", "?")}) {
            w.window.take_file(QString::fromStdString(file));
            QTRY_VERIFY_WITH_TIMEOUT(!w.session().answering(), kAnswerWithin);
        }
        // A model that is none becomes no candidate; why stands where it would have appeared.
        QCOMPARE(w.session().scenario().candidates.size(), std::size_t{2});
        QVERIFY(!w.window.findChild<MessageLine*>("candidates.model.message")->text().isEmpty());
        QVERIFY(!w.session().problems().empty());
        while (w.session().undo_stack()->canUndo()) w.session().undo_stack()->undo();
        QTRY_VERIFY_WITH_TIMEOUT(w.session().is_current(), kAnswerWithin);
        QVERIFY(!w.window.findChild<QWidget*>("notice.problems")->isVisible());
    }

    void what_is_dropped_is_taken_for_what_it_is() {
        const Scratch folder;
        TestWindow w(folder);
        drop(w.window, QString(MOEPLAN_SOURCE_DIR) + "/scenarios/studies/mixtral-vs-llama70b.yaml");
        QCOMPARE(w.session().scenario().candidates.size(), std::size_t{2});
        std::string config;
        for (const auto& entry : std::filesystem::directory_iterator(std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/catalog/models")) {
            if (entry.path().extension() == ".json") config = entry.path().string();
        }
        drop(w.window, QString::fromStdString(config));
        QCOMPARE(w.session().scenario().candidates.size(), std::size_t{3});
        QCOMPARE(w.session().undo_stack()->count(), 1);
    }

    void keys_undo_and_redo() {
        const Scratch folder;
        TestWindow w(folder);
        w.session().start_new();
        w.window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&w.window));
        w.session().edit("change users", [](Scenario& s) { set_users(s, 77); });
        auto* undo = w.window.findChild<QAction*>("edit.undo");
        QVERIFY(undo->text().contains("change users"));
        w.window.menuBar()->setFocus();
        QTest::keyClick(&w.window, Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(!w.session().is_modified());
        QTest::keyClick(&w.window, Qt::Key_Y, Qt::ControlModifier);
        QVERIFY(w.session().is_modified());
    }

    void every_command_has_a_shortcut_of_its_own_and_a_name() {
        const Scratch folder;
        TestWindow w(folder);
        std::map<QString, QString> owner;
        const auto actions = actions_of(w.window);
        QVERIFY(actions.size() > 30);
        for (const QAction* action : actions) {
            QVERIFY2(!action->objectName().isEmpty(), qPrintable(action->text()));
            QVERIFY2(!action->shortcuts().isEmpty(), qPrintable(action->text()));
            for (const QKeySequence& keys : action->shortcuts()) {
                const auto [at, fresh] = owner.emplace(keys.toString(), action->objectName());
                QVERIFY2(fresh, qPrintable(keys.toString() + ": " + at->second + ", " + action->objectName()));
            }
        }
    }

    void every_control_has_an_accessible_name() {
        const Scratch folder;
        TestWindow w(folder);
        w.session().start_new();
        QTRY_VERIFY_WITH_TIMEOUT(w.session().is_current(), kAnswerWithin);
        QStringList nameless;
        for (QDockWidget* dock : w.window.docks().all) {
            bring_up(*dock);
            QTest::qWait(1);
            nameless << nameless_in(*dock);
        }
        for (int tab = 0; tab < w.window.picture_tabs()->count(); ++tab) {
            w.window.step_picture_tab(1);
            QTest::qWait(1);
            nameless << nameless_in(*w.window.centralWidget());
        }
        w.window.show_start_page();
        nameless << nameless_in(w.window);
        nameless.removeDuplicates();
        QVERIFY2(nameless.isEmpty(), qPrintable("\n" + nameless.join("\n")));
    }

    void the_look_follows_the_menu_and_is_remembered_with_the_docks() {
        const Scratch folder;
        {
            TestWindow w(folder);
            w.window.findChild<QAction*>("view.look.dark")->trigger();
            QVERIFY(QApplication::palette().color(QPalette::Window).lightness() < 100);
            w.window.docks().study_text->show();
            w.window.close();
        }
        apply_look("light");
        QVERIFY(QApplication::palette().color(QPalette::Window).lightness() > 150);
        TestWindow w(folder);
        QCOMPARE(look_choice(), QString("dark"));
        QVERIFY(w.window.docks().study_text->isVisible());
        w.window.findChild<QAction*>("view.reset_layout")->trigger();
        QVERIFY(!w.window.docks().study_text->isVisible());
        apply_look("desktop");
    }

    void a_new_window_is_no_larger_than_its_screen() {
        const Scratch folder;
        TestWindow w(folder);
        const QSize room = w.window.screen()->availableSize();
        const QSize largest = room.expandedTo(w.window.minimumSizeHint());
        QVERIFY2(w.window.width() <= largest.width() && w.window.height() <= largest.height(),
                 qPrintable(QString("%1 x %2").arg(w.window.width()).arg(w.window.height())));
    }

    void closing_asks_about_changes_and_can_be_stopped() {
        const Scratch folder;
        TestWindow w(folder);
        w.session().start_new();
        int asked = 0;
        w.window.ask_leaving = [&] { ++asked; return MainWindow::Leaving::stay; };
        QVERIFY(w.window.close());
        w.window.show();
        w.session().edit("change users", [](Scenario& s) { set_users(s, 3); });
        QVERIFY(!w.window.close());
        QCOMPARE(asked, 1);
        w.window.ask_leaving = [] { return MainWindow::Leaving::discard; };
        QVERIFY(w.window.close());
    }

    void the_report_is_exported_whole_with_its_pictures() {
        const Scratch folder;
        TestWindow w(folder);
        w.session().start_new();
        QTRY_VERIFY_WITH_TIMEOUT(w.session().is_current(), kAnswerWithin);
        QVERIFY(export_html(*w.session().report(), QString::fromStdString(folder.path("r.html"))).empty());
        const std::string page = text_of(folder.path("r.html"));
        QVERIFY(page.find("<svg") != std::string::npos);
        QVERIFY(page.find("</html>") != std::string::npos);
        QVERIFY(export_pdf(*w.session().report(), QString::fromStdString(folder.path("r.pdf"))).empty());
        QVERIFY(text_of(folder.path("r.pdf")).starts_with("%PDF"));
        QVERIFY(!export_html(*w.session().report(), QString::fromStdString(folder.path("no/such/r.html"))).empty());
    }

    void another_look_or_size_of_letters_changes_no_study() {
        const Scratch folder;
        TestWindow w(folder);
        w.session().start_new();
        w.window.docks().study_text->show();
        QTest::qWait(10);
        w.window.docks().study_text->hide();
        w.session().edit("change users", [](Scenario& s) { set_users(s, 5); });
        const Scenario before = w.session().scenario();
        apply_look("dark");
        zoom_text(2);
        QTest::qWait(700);   // longer than the pause after which typed text is applied
        QVERIFY(!w.session().draft().has_value());
        QCOMPARE(w.session().scenario(), before);
        QCOMPARE(w.session().undo_stack()->count(), 1);
        apply_look("desktop");
        reset_text_zoom();
    }

    void text_typed_into_the_study_changes_it_and_problems_lead_to_their_line() {
        const Scratch folder;
        TestWindow w(folder);
        w.session().start_new();
        w.window.findChild<QAction*>("edit.text")->trigger();
        auto* editor = w.window.findChild<QPlainTextEdit*>("study_text.editor");
        QTRY_VERIFY(editor->toPlainText().contains("concurrency: 32"));
        editor->setPlainText(editor->toPlainText().replace("concurrency: 32", "concurrency: 64"));
        QTest::keyClick(editor, Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(std::get<ClosedLoop>(w.session().scenario().workload.load).concurrency, 64.0);
        const QString typed = editor->toPlainText().replace("concurrency:", "concurency:");
        editor->setPlainText(typed);
        QTRY_VERIFY_WITH_TIMEOUT(w.session().draft().has_value(), kAnswerWithin);   // after a pause
        QCOMPARE(editor->toPlainText(), typed);
        w.window.show_problem_places();
        auto* list = w.window.findChild<QAbstractItemView*>("problems.list");
        QVERIFY(list->isVisible());
        const int line = static_cast<int>(typed.left(typed.indexOf("concurency")).count('\n'));
        for (int row = 0; row < list->model()->rowCount(); ++row) {
            list->setCurrentIndex(list->model()->index(row, 0));
            QTest::keyClick(list, Qt::Key_Return);
            if (editor->textCursor().blockNumber() == line) return;
        }
        QFAIL("no problem leads to the line of the slip");
    }
};

QTEST_MAIN(WindowTest)
#include "window_test.moc"
