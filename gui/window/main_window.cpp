#include "gui/window/main_window.h"

#include <QDockWidget>
#include <QFileInfo>
#include <QGuiApplication>
#include <QScreen>
#include <QSessionManager>
#include <QSettings>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTimer>
#include <QVBoxLayout>

#include "gui/calibration/calibration_dialog.h"
#include "gui/calibration/use_profile.h"
#include "gui/models/study_edits.h"
#include "gui/models/text.h"
#include "gui/panels/pictures_page.h"
#include "gui/panels/problems_panel.h"
#include "gui/panels/start_page.h"
#include "gui/panels/study_text_panel.h"
#include "gui/session/session.h"
#include "gui/window/look.h"
#include "gui/window/menus.h"
#include "gui/window/notice_bar.h"
#include "gui/window/status_line.h"

namespace moeplan {
namespace {

constexpr int kLayoutVersion = 1;   // rises when docks are named or placed otherwise
constexpr QSize kUsualSize{1280, 800};

// As far as the screen goes, less what a window's frame takes.
QSize usual_size(const QWidget& window) {
    constexpr QSize kFrame{8, 40};
    const QScreen* screen = window.screen();
    return screen ? kUsualSize.boundedTo(screen->availableSize() - kFrame) : kUsualSize;
}

QSettings settings_of(const Session& session) { return QSettings(session.state_folder() + "/window.ini", QSettings::IniFormat); }

// The file a problem is about, where that is not the study on the screen.
QString file_named(const Session& session, const Problem& problem) {
    const QString where = text_of(problem.where);
    if (!where.contains('/') || session.line_of(problem) || (!session.file().isEmpty() && where.startsWith(session.file()))) return {};
    return QFileInfo(where).fileName();
}

}  // namespace

MainWindow::MainWindow(const Catalog& catalog, const QString& state_folder, QWidget* parent)
    : QMainWindow(parent), session_(new Session(catalog, state_folder, this)) {
    setObjectName("window");
    ask_leaving = [this] { return ask_by_dialogue(); };
    ask_saving = [this] { return ask_saving_by_dialogue(); };
    setAcceptDrops(true);
    setDockOptions(AnimatedDocks | AllowTabbedDocks | AllowNestedDocks);
    resize(usual_size(*this));
    build_centre();
    docks_ = make_docks(*this, *session_);
    arrange_docks(*this, docks_);
    setStatusBar(new StatusLine(*session_));
    make_menus(*this);
    connect_session();
    restore_layout();
    show_title();
    offer_recovered();
}

MainWindow::~MainWindow() {
    // Panels speak to the session to their end.
    for (QDockWidget* dock : docks_.all) delete dock;
    delete takeCentralWidget();
}

void MainWindow::build_centre() {
    start_ = new StartPage(*session_);
    pictures_ = new PicturesPage(*session_);
    problem_bar_ = new NoticeBar("notice.problems");
    recovery_bar_ = new NoticeBar("notice.recovered");
    disk_bar_ = new NoticeBar("notice.disk");
    centre_ = new QStackedWidget;
    centre_->setObjectName("centre");
    centre_->addWidget(start_);
    centre_->addWidget(pictures_);
    auto* column = new QWidget;
    auto* layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(recovery_bar_);
    layout->addWidget(disk_bar_);
    layout->addWidget(problem_bar_);
    layout->addWidget(centre_, 1);
    setCentralWidget(column);
}

void MainWindow::connect_session() {
    connect(session_, &Session::scenario_changed, this, &MainWindow::show_pictures);
    connect(session_, &Session::scenario_changed, this, &MainWindow::show_title);
    connect(session_, &Session::file_changed, this, &MainWindow::show_title);
    connect(session_, &Session::file_changed, this, [this] {
        if (calibration_ && !session_->file().isEmpty()) calibration_->set_study(session_->file());
    });
    connect(session_, &Session::problems_changed, this, &MainWindow::show_problems);
    connect(session_, &Session::disk_changed, this, &MainWindow::show_disk);
    connect(session_, &Session::recovered_changed, this, &MainWindow::offer_recovered);
    connect(start_, &StartPage::new_wanted, this, &MainWindow::start_new_study);
    connect(start_, &StartPage::open_wanted, this, &MainWindow::choose_study);
    connect(start_, &StartPage::file_wanted, this, &MainWindow::open_recent);
    connect(start_, &StartPage::example_wanted, this, &MainWindow::open_example);
    connect(pictures_, &PicturesPage::problem_found, session_, &Session::told);
    connect(docks_.problems_panel, &ProblemsPanel::place_chosen, this, [this](int line) {
        bring_up(*docks_.study_text);
        docks_.text_panel->go_to(line);
    });
    // The desktop ends without asking: what is not saved is offered at the next start.
    connect(
        qApp, &QGuiApplication::commitDataRequest, this, [this](QSessionManager&) {
            take_typed();
            session_->keep_for_next_time();
        },
        Qt::DirectConnection);
}

QTabWidget* MainWindow::picture_tabs() const { return pictures_->findChild<QTabWidget*>(); }

void MainWindow::show_title() {
    const QString what = session_->has_study() ? session_->title() + "[*] – " : QString();
    setWindowTitle(what + "moeplan");
    setWindowModified(session_->is_modified());
    setWindowFilePath({});
}

void MainWindow::show_start_page() {
    centre_->setCurrentWidget(start_);
    start_->setFocus();
}
void MainWindow::show_pictures() { centre_->setCurrentWidget(pictures_); }

void MainWindow::show_problems() {
    const Problems& problems = session_->problems();
    if (problems.empty()) {
        problem_bar_->hide();
        return;
    }
    QString message = text_of(problems.front().what);
    if (!problems.front().path.empty()) message.prepend(text_of(problems.front().path) + ": ");
    if (const QString file = file_named(*session_, problems.front()); !file.isEmpty()) message.prepend(file + ": ");
    if (problems.size() > 1) message += tr(" (and %1 more)").arg(problems.size() - 1);
    std::vector<NoticeBar::Offer> offers{{tr("Show &problems"), [this] { show_problem_places(); }}};
    if (session_->draft()) offers.push_back({tr("Give the &text up"), [this] { session_->drop_draft(); }});
    problem_bar_->show_notice(message, offers);
    if (session_->draft() && !session_->draft()->file.isEmpty()) show_problem_places();   // a file that was to be opened
}

void MainWindow::show_problem_places() {
    bring_up(*docks_.study_text);
    bring_up(*docks_.problems);
    for (const Problem& problem : session_->problems()) {
        const auto line = session_->line_of(problem);
        if (!line) continue;
        docks_.text_panel->go_to(*line);
        break;
    }
    docks_.problems_panel->setFocus();
}

void MainWindow::offer_recovered() {
    const auto left = session_->recovered();
    recovery_bar_->setVisible(left.has_value());
    if (!left) return;
    const QString what = left->file.isEmpty() ? tr("a study that was never saved") : QFileInfo(left->file).fileName();
    recovery_bar_->show_notice(
        tr("Edits of %1 were not saved when the program ended.").arg(what),
        {{tr("&Recover"), [this] { take_recovered(); }}, {tr("&Throw away"), [this] { session_->discard_recovered(); }}});
}

void MainWindow::take_recovered() {
    if (may_leave_study()) session_->take_recovered();
}

void MainWindow::open_study(const QString& file) { session_->open(file); }

void MainWindow::reset_layout() {
    resize(usual_size(*this));
    arrange_docks(*this, docks_);
}

void MainWindow::remember_layout() {
    QSettings settings = settings_of(*session_);
    settings.setValue("geometry", saveGeometry());
    settings.setValue("docks", saveState(kLayoutVersion));
    settings.setValue("look", look_choice());
}

void MainWindow::restore_layout() {
    const QSettings settings = settings_of(*session_);
    restoreGeometry(settings.value("geometry").toByteArray());
    if (!restoreState(settings.value("docks").toByteArray(), kLayoutVersion)) arrange_docks(*this, docks_);
    if (settings.contains("look")) apply_look(settings.value("look").toString());
}

void MainWindow::step_picture_tab(int by) {
    QTabWidget* tabs = picture_tabs();
    if (!tabs || tabs->count() == 0) return;
    show_pictures();
    tabs->setCurrentIndex((tabs->currentIndex() + by + tabs->count()) % tabs->count());
}

void MainWindow::set_method_of_study(bool simulate) {
    const Method method = simulate ? Method::simulate : Method::analyse;
    if (session_->scenario().method == method) return;
    session_->edit(simulate ? tr("simulate") : tr("analyse"), [method](Scenario& s) { set_method(s, method); });
}

CalibrationDialog& MainWindow::open_calibration() {
    if (!calibration_) {
        calibration_ = new CalibrationDialog(session_->catalog(), session_->state_folder(), this);
        connect(calibration_, &CalibrationDialog::profile_wanted, this, [this](const QString& file, const QString& gpu) {
            session_->edit(tr("use the profile"), [&](Scenario& s) {
                use_profile(s, session_->catalog(), gpu.toStdString(), file.toStdString());
            });
        });
    }
    if (!session_->file().isEmpty()) calibration_->set_study(session_->file());
    calibration_->show();
    calibration_->raise();
    calibration_->activateWindow();
    return *calibration_;
}

}  // namespace moeplan
