#pragma once
// Pictures of the window on every page, light and dark: what a reader of the manual sees, and what is looked at before a
// release.

#include <QSize>
#include <QString>
#include <QStringList>

namespace moeplan {

class MainWindow;

// What can be shown: "start", "problems", "calibration", "panel_money" and the other panels, or the title of a tab of
// pictures, in any case. Waits
// until the answer is there and everything is drawn. False when there is no such page.
bool show_page(MainWindow& window, const QString& page);
QStringList pages_of(const MainWindow& window);

// Lets the window work until its study is answered (or cannot be), at most a minute.
void wait_for_answer(MainWindow& window);

// PAGE-LOOK-WIDTHxHEIGHT.png in `folder`, of every page and, of the study `simulated`, of its simulation. The names that
// could not be written are returned.
QStringList make_pictures(MainWindow& window, const QString& folder, const QString& simulated);

}  // namespace moeplan
