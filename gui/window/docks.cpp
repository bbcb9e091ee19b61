#include "gui/window/docks.h"

#include <QDockWidget>
#include <QMainWindow>
#include <QScrollArea>

#include "gui/panels/candidates_panel.h"
#include "gui/panels/meaning_panel.h"
#include "gui/panels/money_panel.h"
#include "gui/panels/problems_panel.h"
#include "gui/panels/quality_panel.h"
#include "gui/panels/routing_panel.h"
#include "gui/panels/study_text_panel.h"
#include "gui/panels/workload_panel.h"

namespace moeplan {
namespace {

constexpr int kLeftWidth = 340, kRightWidth = 343, kBottomHeight = 240, kCandidatesHeight = 420, kWorkloadHeight = 310;
enum Place : std::size_t { candidates, workload, routing, money, quality, meaning, study_text, problems };

QDockWidget* make_dock(QMainWindow& window, const char* name, const QString& title, QWidget* content) {
    auto* dock = new QDockWidget(title, &window);
    dock->setObjectName(name);   // layouts are remembered by it
    dock->setWidget(content);
    content->setAccessibleName(title);
    return dock;
}

}  // namespace

Docks make_docks(QMainWindow& window, Session& session) {
    Docks docks;
    docks.candidates_panel = new CandidatesPanel(session);
    docks.text_panel = new StudyTextPanel(session);
    docks.problems_panel = new ProblemsPanel(session);
    docks.all = {
        make_dock(window, "dock.candidates", QMainWindow::tr("Candidates"), docks.candidates_panel),
        make_dock(window, "dock.workload", QMainWindow::tr("Workload"), new WorkloadPanel(session)),
        make_dock(window, "dock.routing", QMainWindow::tr("Routing"), new RoutingPanel(session)),
        make_dock(window, "dock.money", QMainWindow::tr("Money"), new MoneyPanel(session)),
        make_dock(window, "dock.quality", QMainWindow::tr("Quality"), new QualityPanel(session)),
        make_dock(window, "dock.meaning", QMainWindow::tr("Meaning"), new MeaningPanel(session)),
        make_dock(window, "dock.study_text", QMainWindow::tr("Study text"), docks.text_panel),
        make_dock(window, "dock.problems", QMainWindow::tr("Problems"), docks.problems_panel),
    };
    docks.candidates = docks.all[candidates];
    docks.study_text = docks.all[study_text];
    docks.problems = docks.all[problems];
    return docks;
}

void arrange_docks(QMainWindow& window, const Docks& docks) {
    const auto& all = docks.all;
    window.setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
    window.setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
    window.setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    for (QDockWidget* dock : all) {
        dock->setFloating(false);
        window.removeDockWidget(dock);
    }
    window.addDockWidget(Qt::LeftDockWidgetArea, all[candidates]);
    window.addDockWidget(Qt::LeftDockWidgetArea, all[workload]);
    for (const auto place : {routing, money, quality}) window.tabifyDockWidget(all[workload], all[place]);
    window.addDockWidget(Qt::RightDockWidgetArea, all[meaning]);
    window.addDockWidget(Qt::BottomDockWidgetArea, all[study_text]);
    window.addDockWidget(Qt::BottomDockWidgetArea, all[problems]);
    for (QDockWidget* dock : all) dock->setVisible(dock != docks.study_text && dock != docks.problems);
    all[workload]->raise();
    window.resizeDocks({all[candidates], all[meaning]}, {kLeftWidth, kRightWidth}, Qt::Horizontal);
    window.resizeDocks({all[candidates], all[workload]}, {kCandidatesHeight, kWorkloadHeight}, Qt::Vertical);
    window.resizeDocks({docks.study_text}, {kBottomHeight}, Qt::Vertical);
}

void bring_up(QDockWidget& dock) {
    dock.show();
    dock.raise();
}

}  // namespace moeplan
