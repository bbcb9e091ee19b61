#pragma once
// Where something is to be written: asked, given its ending, and nothing replaced unasked.

#include <QString>
#include <QStringList>

namespace moeplan {

class MainWindow;

// The file under the name that was typed: with the first of `endings` unless it has one of them, or is there as it is. What
// follows the last dot of "Qwen2.5" is no ending.
QString with_ending(const QString& file, const QStringList& endings);

// Empty when nothing was chosen, or what is there is not to be replaced.
QString choose_file_to_write(MainWindow& window, const QString& title, const QString& wish, const QString& filter,
                             const QStringList& endings);

}  // namespace moeplan
