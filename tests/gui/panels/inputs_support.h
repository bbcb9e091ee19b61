#pragma once
// Every panel of the left side over one session, driven as people do.

#include <memory>
#include <string>

#include <QApplication>
#include <QDir>
#include <QDragEnterEvent>
#include <QMimeData>
#include <QTest>
#include <QUndoStack>
#include <QUrl>
#include <QVBoxLayout>

#include "gui/panels/candidates_panel.h"
#include "gui/panels/money_panel.h"
#include "gui/panels/quality_panel.h"
#include "gui/panels/routing_panel.h"
#include "gui/panels/workload_panel.h"
#include "gui/session/session.h"
#include "tests/support/scratch.h"

namespace moeplan {

inline QString starter(const char* name) {
    return QStringLiteral(MOEPLAN_SOURCE_DIR "/scenarios/studies/%1.yaml").arg(QLatin1String(name));
}

struct Inputs {
    Scratch scratch;
    Session session{builtin_catalog(), QString::fromStdString(scratch.path("state"))};
    QWidget window;
    CandidatesPanel* candidates;
    WorkloadPanel* workload;
    RoutingPanel* routing;
    MoneyPanel* money;
    QualityPanel* quality;

    explicit Inputs(const QString& study = starter("mixtral-vs-llama70b")) {
        if (!session.open_example(study)) qFatal("cannot open %s", qPrintable(study));
        auto* row = new QHBoxLayout(&window);
        row->addWidget(candidates = new CandidatesPanel(session));
        row->addWidget(workload = new WorkloadPanel(session));
        row->addWidget(routing = new RoutingPanel(session));
        row->addWidget(money = new MoneyPanel(session));
        row->addWidget(quality = new QualityPanel(session));
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(2);
        for (QWidget* panel : std::initializer_list<QWidget*>{candidates, workload, routing, money, quality}) panel->setFixedWidth(310);
        window.resize(1558, 800);
        window.show();
        if (!QTest::qWaitForWindowExposed(&window)) qFatal("the window does not come up");
        window.activateWindow();
    }

    template <class Widget>
    Widget* find(const QString& name) {
        auto* widget = window.findChild<Widget*>(name);
        if (!widget) qFatal("there is no %s", qPrintable(name));
        return widget;
    }

    // A grab for eyes, where MOEPLAN_PICTURES names a folder.
    void look(const QString& name) {
        const QString folder = qEnvironmentVariable("MOEPLAN_PICTURES");
        if (folder.isEmpty()) return;
        QTest::qWait(300);
        window.grab().save(folder + "/" + name + ".png");
    }

    // The study can be saved and is read back as it is.
    std::string not_saved() {
        const Scenario& now = session.scenario();
        const auto back = parse_scenario(save_scenario(now), now.file);
        if (!back) return to_text(back.error().front()) + "\n" + save_scenario(now);
        return *back == now ? "" : "read back as another study:\n" + save_scenario(now);
    }

    static void drop(QWidget* onto, const QString& file) {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(file)});
        const QPoint middle = onto->rect().center();
        QDragEnterEvent enter(middle, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        enter.setAccepted(false);
        QApplication::sendEvent(onto, &enter);
        if (!enter.isAccepted()) return;
        QDropEvent event(QPointF(middle), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(onto, &event);
    }
};

}  // namespace moeplan
