#include "gui/window/menus.h"

#include <functional>

#include <QActionGroup>
#include <QDockWidget>
#include <QFileInfo>
#include <QMenu>
#include <QMenuBar>
#include <QUndoStack>

#include "gui/panels/candidates_panel.h"
#include "gui/session/session.h"
#include "gui/window/export_report.h"
#include "gui/window/help.h"
#include "gui/window/look.h"
#include "gui/window/main_window.h"

namespace moeplan {
namespace {

class Maker {
public:
    explicit Maker(MainWindow& window) : window_(window), session_(window.session()) {}
    void make() {
        file();
        edit();
        view();
        answer();
        tools();
        help();
    }

private:
    QMenu* menu(const char* name, const QString& title) {
        QMenu* made = window_.menuBar()->addMenu(title);
        made->setObjectName(name);
        return made;
    }

    QAction* add(QMenu* menu, const char* name, const QString& text, const QKeySequence& keys, std::function<void()> done,
                 const QString& meaning = {}) {
        auto* action = new QAction(text, &window_);
        action->setObjectName(name);
        action->setShortcut(keys);
        if (!meaning.isEmpty()) action->setStatusTip(meaning);
        QObject::connect(action, &QAction::triggered, &window_, std::move(done));
        menu->addAction(action);
        return action;
    }

    void file();
    void recent(QMenu* menu);
    void edit();
    void view();
    void looks(QMenu* menu);
    void answer();
    void tools();
    void help();
    static QString tr(const char* text) { return MainWindow::tr(text); }

    MainWindow& window_;
    Session& session_;
};

void Maker::file() {
    QMenu* m = menu("menu.file", tr("&File"));
    MainWindow& w = window_;
    Session& s = session_;
    add(
        m, "file.new", tr("&New study"), QKeySequence(Qt::CTRL | Qt::Key_N), [&w] { w.start_new_study(); },
        tr("Two candidates and a sweep, ready to be changed"));
    add(m, "file.open", tr("&Open…"), QKeySequence(Qt::CTRL | Qt::Key_O), [&w] { w.choose_study(); });
    add(
        m, "file.examples", tr("&Examples…"), QKeySequence(Qt::CTRL | Qt::Key_E), [&w] { w.show_start_page(); },
        tr("Starter studies and claims, one click each"));
    recent(m->addMenu(tr("Open &recent")));
    m->addSeparator();
    QAction* save = add(m, "file.save", tr("&Save"), QKeySequence(Qt::CTRL | Qt::Key_S), [&w] { w.save_study(); });
    QAction* save_as = add(m, "file.save_as", tr("Save &as…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S), [&w] { w.save_study_as(); });
    m->addSeparator();
    QAction* html = add(
        m, "file.export_html", tr("Export report as &HTML…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_H),
        [&w] { choose_html_report(w); }, tr("One page with the pictures, for those who have no moeplan"));
    QAction* pdf = add(m, "file.export_pdf", tr("Export report as &PDF…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_P),
                       [&w] { choose_pdf_report(w); });
    m->addSeparator();
    add(m, "file.quit", tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), [&w] { w.close(); })->setMenuRole(QAction::QuitRole);
    const auto enable = [&s, save, save_as, html, pdf] {
        for (QAction* action : {save, save_as}) action->setEnabled(s.has_study());
        for (QAction* action : {html, pdf}) action->setEnabled(s.report() != nullptr);
    };
    for (const auto signal : {&Session::scenario_changed, &Session::answered}) QObject::connect(&s, signal, &w, enable);
    enable();
}

void Maker::recent(QMenu* m) {
    m->setObjectName("menu.recent");
    Session& s = session_;
    MainWindow& w = window_;
    const auto fill = [m, &s, &w] {
        m->clear();
        int n = 0;
        for (const QString& file : s.recent_files()) {
            QAction* action =
                m->addAction(QString("&%1  %2").arg(++n % 10).arg(QFileInfo(file).fileName()), &w, [&w, file] { w.open_recent(file); });
            action->setStatusTip(file);
            action->setToolTip(file);
        }
        m->menuAction()->setEnabled(n > 0);
    };
    QObject::connect(&s, &Session::recent_files_changed, m, fill);
    QObject::connect(m, &QMenu::aboutToShow, m, fill);
    fill();
}

void Maker::edit() {
    QMenu* m = menu("menu.edit", tr("&Edit"));
    MainWindow& w = window_;
    QUndoStack* stack = session_.undo_stack();
    QAction* undo = stack->createUndoAction(&w, tr("&Undo"));
    QAction* redo = stack->createRedoAction(&w, tr("&Redo"));
    undo->setObjectName("edit.undo");
    redo->setObjectName("edit.redo");
    undo->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Z));
    redo->setShortcuts({QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), QKeySequence(Qt::CTRL | Qt::Key_Y)});
    m->addAction(undo);
    m->addAction(redo);
    m->addSeparator();
    // The panel's own commands, not to have a shortcut twice.
    for (QAction* action : w.docks().candidates_panel->actions()) {
        if (action->objectName().isEmpty()) action->setObjectName("edit.candidates");
        QObject::connect(action, &QAction::triggered, &w, [&w] { bring_up(*w.docks().all.front()); });
        m->addAction(action);
    }
    add(
        m, "edit.add_file", tr("Add a &model file as a candidate…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_M),
        [&w] { w.choose_candidate(); }, tr("A config.json or a .gguf; dropping it on the window does the same"));
    add(m, "edit.text", tr("Edit the study as &text"), QKeySequence(Qt::CTRL | Qt::Key_T), [&w] {
        bring_up(*w.docks().study_text);
        w.docks().study_text->widget()->setFocus();
    });
}

void Maker::looks(QMenu* m) {
    m->setObjectName("menu.look");
    auto* group = new QActionGroup(m);
    const struct { const char* choice; QString text; Qt::Key key; } rows[] = {
        {"desktop", tr("As the &desktop"), Qt::Key_7}, {"light", tr("&Light"), Qt::Key_8}, {"dark", tr("Dar&k"), Qt::Key_9}};
    for (const auto& row : rows) {
        const QString choice = row.choice;
        QAction* action = add(m, row.choice, row.text, QKeySequence(Qt::CTRL | Qt::ALT | row.key), [choice] { apply_look(choice); });
        action->setObjectName("view.look." + choice);
        action->setCheckable(true);
        group->addAction(action);
        QObject::connect(m, &QMenu::aboutToShow, action, [action, choice] { action->setChecked(look_choice() == choice); });
        action->setChecked(look_choice() == choice);
    }
}

void Maker::view() {
    QMenu* m = menu("menu.view", tr("&View"));
    MainWindow& w = window_;
    int n = 0;
    for (QDockWidget* dock : w.docks().all) {
        QAction* toggle = dock->toggleViewAction();
        toggle->setObjectName("view." + dock->objectName());
        toggle->setText((n < 9 ? QString("&%1  ").arg(n + 1) : QString()) + dock->windowTitle());
        toggle->setShortcut(QKeySequence(QKeyCombination(Qt::ALT, static_cast<Qt::Key>(Qt::Key_1 + n++))));
        QObject::connect(toggle, &QAction::triggered, dock, [dock](bool on) {
            if (on) bring_up(*dock);
        });
        m->addAction(toggle);
    }
    m->addSeparator();
    add(m, "view.next_picture", tr("&Next pictures"), QKeySequence(Qt::CTRL | Qt::Key_PageDown), [&w] { w.step_picture_tab(1); });
    add(m, "view.previous_picture", tr("&Previous pictures"), QKeySequence(Qt::CTRL | Qt::Key_PageUp), [&w] { w.step_picture_tab(-1); });
    m->addSeparator();
    looks(m->addMenu(tr("&Look")));
    add(m, "view.larger", tr("&Larger letters"), QKeySequence(Qt::CTRL | Qt::Key_Plus), [] { zoom_text(1); });
    add(m, "view.smaller", tr("&Smaller letters"), QKeySequence(Qt::CTRL | Qt::Key_Minus), [] { zoom_text(-1); });
    add(m, "view.usual_letters", tr("&Usual letters"), QKeySequence(Qt::CTRL | Qt::Key_0), [] { reset_text_zoom(); });
    m->addSeparator();
    QAction* whole = add(m, "view.full_screen", tr("&Whole screen"), QKeySequence(Qt::Key_F11),
                         [&w] { w.setWindowState(w.windowState() ^ Qt::WindowFullScreen); });
    whole->setCheckable(true);
    QObject::connect(m, &QMenu::aboutToShow, whole, [&w, whole] { whole->setChecked(w.isFullScreen()); });
    add(m, "view.reset_layout", tr("&Reset the layout"), QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_0), [&w] { w.reset_layout(); });
}

void Maker::answer() {
    QMenu* m = menu("menu.answer", tr("&Answer"));
    MainWindow& w = window_;
    Session& s = session_;
    auto* group = new QActionGroup(m);
    QAction* analyse = add(
        m, "answer.analyse", tr("&Analyse"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_A), [&w] { w.set_method_of_study(false); },
        tr("Closed forms: at once"));
    QAction* simulate = add(
        m, "answer.simulate", tr("&Simulate"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_I), [&w] { w.set_method_of_study(true); },
        tr("Request by request: percentiles, queues, bursts"));
    for (QAction* action : {analyse, simulate}) {
        action->setCheckable(true);
        group->addAction(action);
    }
    m->addSeparator();
    QAction* now = add(m, "answer.now", tr("A&nswer now"), QKeySequence(Qt::Key_F5), [&s] { s.ask_again(); });
    QAction* cancel = add(
        m, "answer.cancel", tr("&Cancel"), QKeySequence(Qt::Key_Escape), [&s] { s.cancel(); },
        tr("Stops working out the answer; the last one stays"));
    const auto enable = [&s, analyse, simulate, now, cancel] {
        for (QAction* action : {analyse, simulate, now}) action->setEnabled(s.has_study());
        (s.scenario().method == Method::simulate ? simulate : analyse)->setChecked(true);
        cancel->setEnabled(s.answering());
    };
    QObject::connect(&s, &Session::scenario_changed, m, enable);
    QObject::connect(&s, &Session::answering_changed, m, enable);
    enable();
}

void Maker::tools() {
    QMenu* m = menu("menu.tools", tr("&Tools"));
    MainWindow& w = window_;
    add(
        m, "tools.calibrate", tr("&Calibrate a device…"), QKeySequence(Qt::CTRL | Qt::Key_K), [&w] { w.open_calibration(); },
        tr("Measures a GPU with your models' kernels"));
}

void Maker::help() {
    QMenu* m = menu("menu.help", tr("&Help"));
    MainWindow& w = window_;
    add(m, "help.start", tr("&Start page"), QKeySequence(Qt::CTRL | Qt::Key_Home), [&w] { w.show_start_page(); });
    add(m, "help.shortcuts", tr("&Keyboard shortcuts"), QKeySequence(Qt::Key_F1), [&w] { show_shortcuts(w); });
    add(m, "help.method", tr("&Figures and formulas"), QKeySequence(Qt::SHIFT | Qt::Key_F1), [&w] { show_method(w); });
    add(m, "help.about", tr("&About moeplan"), QKeySequence(Qt::CTRL | Qt::Key_F1), [&w] {
        show_about(w);
    })->setMenuRole(QAction::AboutRole);
}

}  // namespace

void make_menus(MainWindow& window) { Maker(window).make(); }

}  // namespace moeplan
