#include "gui/window/help.h"

#include <QAction>
#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QMenu>
#include <QMenuBar>
#include <QTextBrowser>
#include <QVBoxLayout>

#include "core/report/report.h"
#include "gui/models/text.h"
#include "gui/window/main_window.h"

namespace moeplan {
namespace {

QDialog* sheet(MainWindow& window, const char* name, const QString& title, const QString& html) {
    auto* dialog = window.findChild<QDialog*>(name);
    if (!dialog) {
        dialog = new QDialog(&window);
        dialog->setObjectName(name);
        dialog->setWindowTitle(title);
        auto* column = new QVBoxLayout(dialog);
        auto* text = new QTextBrowser;
        text->setObjectName(QString(name) + ".text");
        text->setAccessibleName(title);
        text->setOpenExternalLinks(true);
        text->setHtml(html);
        auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
        QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
        column->addWidget(text);
        column->addWidget(buttons);
        dialog->resize(640, 560);
    }
    dialog->show();
    dialog->raise();
    dialog->activateWindow();
    return dialog;
}

QString row(const QString& left, const QString& right) {
    return QString("<tr><td style='padding: 2px 24px 2px 0'>%1</td><td style='padding: 2px 0'>%2</td></tr>")
        .arg(left.toHtmlEscaped(), right.toHtmlEscaped());
}

void add_actions(QString& html, const QMenu& menu) {
    for (const QAction* action : menu.actions()) {
        if (action->menu() && action->menu()->objectName() != "menu.recent") add_actions(html, *action->menu());
        if (action->shortcuts().isEmpty()) continue;
        html += row(QString(action->text()).remove('&').simplified(),
                    QKeySequence::listToString(action->shortcuts(), QKeySequence::NativeText));
    }
}

}  // namespace

QDialog* show_shortcuts(MainWindow& window) {
    QString html;
    for (const QAction* top : window.menuBar()->actions()) {
        html += QString("<h3>%1</h3><table>").arg(QString(top->text()).remove('&'));
        add_actions(html, *top->menu());
        html += "</table>";
    }
    html += MainWindow::tr(
        "<p>Tab and Shift+Tab go from field to field, Alt with an underlined letter opens a menu, and arrow keys, Page Up and Page Down "
        "move a "
        "slider. In the study's text, Ctrl+Enter applies what is typed.</p>");
    return sheet(window, "help.sheet.shortcuts", MainWindow::tr("Keyboard shortcuts"), html);
}

QDialog* show_method(MainWindow& window) {
    QString html = MainWindow::tr(
        "<p>Every figure is computed, measured, or has a source; the tooltip of a figure names it. The small numbers under a figure are "
        "its "
        "90 % interval. The formulas stand under the names given here in docs/method.md of the program's source.</p>");
    for (const MetricGroup group : all_metric_groups()) {
        html += QString("<h3>%1</h3><table>").arg(text_of(heading_of(group)).toHtmlEscaped());
        for (const MetricInfo& info : metric_catalog()) {
            if (info.group == group) html += row(text_of(info.label), text_of(info.meaning));
        }
        html += "</table>";
    }
    return sheet(window, "help.sheet.method", MainWindow::tr("Figures and formulas"), html);
}

QDialog* show_about(MainWindow& window) {
    const QString html =
        MainWindow::tr(
            "<h2>moeplan %1</h2>"
            "<p>What serving a mixture-of-experts or a dense language model costs in time, memory, money, and per correct answer.</p>"
            "<p>This desktop program contains QCustomPlot and is therefore licensed as a whole under the <b>GNU General Public License, "
            "version 3</b>. moeplan's own "
            "code, its command line included, is licensed under the <b>Apache License 2.0</b>.</p>"
            "<ul><li>Qt %2, GNU Lesser General Public License 3</li><li>QCustomPlot, GNU General Public License 3</li><li>yaml-cpp, fmt, "
            "JSON for Modern C++: MIT</li>"
            "<li>Eigen: Mozilla Public License 2.0</li><li>oneTBB: Apache License 2.0</li><li>Boost, NLopt, zlib, Zstandard under their "
            "own licences</li></ul>"
            "<p>Device profiles, prices and scores name their sources beside each figure.</p>")
            .arg(QCoreApplication::applicationVersion(), qVersion());
    return sheet(window, "help.sheet.about", MainWindow::tr("About moeplan"), html);
}

}  // namespace moeplan
