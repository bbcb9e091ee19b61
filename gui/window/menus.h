#pragma once
// Every command of the window with its shortcut, as menus.

namespace moeplan {

class MainWindow;

void make_menus(MainWindow& window);

}  // namespace moeplan
