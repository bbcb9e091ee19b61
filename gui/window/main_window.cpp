#include "gui/window/main_window.h"

#include <QDockWidget>

#include "gui/panels/candidates_panel.h"
#include "gui/panels/meaning_panel.h"
#include "gui/panels/money_panel.h"
#include "gui/panels/pictures_page.h"
#include "gui/panels/problems_panel.h"
#include "gui/panels/quality_panel.h"
#include "gui/panels/routing_panel.h"
#include "gui/panels/study_text_panel.h"
#include "gui/panels/workload_panel.h"
#include "gui/session/session.h"

namespace moeplan {
namespace {

void add_dock(QMainWindow& window, Qt::DockWidgetArea area, const QString& title, QWidget* content) {
    auto* dock = new QDockWidget(title, &window);
    dock->setObjectName(title);
    dock->setWidget(content);
    window.addDockWidget(area, dock);
}

}  // namespace

MainWindow::MainWindow(const Catalog& catalog, QWidget* parent) : QMainWindow(parent), session_(new Session(catalog, {}, this)) {
    setWindowTitle("moeplan");
    resize(1280, 800);
    setCentralWidget(new PicturesPage(*session_));
    add_dock(*this, Qt::LeftDockWidgetArea, "Candidates", new CandidatesPanel(*session_));
    add_dock(*this, Qt::LeftDockWidgetArea, "Workload", new WorkloadPanel(*session_));
    add_dock(*this, Qt::LeftDockWidgetArea, "Routing", new RoutingPanel(*session_));
    add_dock(*this, Qt::LeftDockWidgetArea, "Money", new MoneyPanel(*session_));
    add_dock(*this, Qt::LeftDockWidgetArea, "Quality", new QualityPanel(*session_));
    add_dock(*this, Qt::RightDockWidgetArea, "Meaning", new MeaningPanel(*session_));
    add_dock(*this, Qt::BottomDockWidgetArea, "Problems", new ProblemsPanel(*session_));
    add_dock(*this, Qt::BottomDockWidgetArea, "Study", new StudyTextPanel(*session_));
}

void MainWindow::open_study(const QString& file) { session_->open(file); }

}  // namespace moeplan
