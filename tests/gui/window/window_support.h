#pragma once
// A window as its user has it, in a state folder of its own, on the examples of the source tree.

#include <QDockWidget>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTest>

#include "core/catalog/catalog.h"
#include "gui/session/session.h"
#include "gui/window/main_window.h"
#include "tests/support/scratch.h"

namespace moeplan {

constexpr int kAnswerWithin = 120'000;   // milliseconds; a slow machine under a sanitizer is no failure

struct TestWindow {
    explicit TestWindow(const Scratch& folder) : state(QString::fromStdString(folder.path("state"))), window(builtin_catalog(), state) {
        qputenv("MOEPLAN_DATA", MOEPLAN_SOURCE_DIR);
        window.ask_leaving = [] { return MainWindow::Leaving::discard; };
        window.show();
    }
    Session& session() { return window.session(); }

    QString state;
    MainWindow window;
};

}  // namespace moeplan
