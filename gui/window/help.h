#pragma once
// Sheets of the Help menu. Not modal; one of each.

class QDialog;

namespace moeplan {

class MainWindow;

QDialog* show_shortcuts(MainWindow& window);   // every command and its keys
QDialog* show_method(MainWindow& window);      // every figure, what it means and by which formula
QDialog* show_about(MainWindow& window);       // version, licences

}  // namespace moeplan
