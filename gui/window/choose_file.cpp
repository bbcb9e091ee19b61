#include "gui/window/choose_file.h"

#include <algorithm>

#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>

#include "gui/window/main_window.h"

namespace moeplan {
namespace {

QString ask_by_dialogue(MainWindow& window, const QString& title, const QString& wish, const QString& filter) {
    return QFileDialog::getSaveFileName(&window, title, wish, filter);
}

bool ask_replacing_by_dialogue(MainWindow& window, const QString& file) {
    const QString question = MainWindow::tr("%1 already exists. Replace it?").arg(QFileInfo(file).fileName());
    return QMessageBox::question(&window, MainWindow::tr("Replace the file"), question, QMessageBox::Yes | QMessageBox::No,
                                 QMessageBox::No) == QMessageBox::Yes;
}

}  // namespace

QString with_ending(const QString& file, const QStringList& endings) {
    const bool has_one = std::ranges::any_of(endings, [&](const QString& e) { return file.endsWith(e, Qt::CaseInsensitive); });
    return has_one || QFileInfo(file).isFile() ? file : file + endings.front();
}

QString choose_file_to_write(MainWindow& window, const QString& title, const QString& wish, const QString& filter,
                             const QStringList& endings) {
    const QString chosen = window.ask_where ? window.ask_where(wish) : ask_by_dialogue(window, title, wish, filter);
    if (chosen.isEmpty()) return {};
    const QString file = with_ending(chosen, endings);
    // The dialogue has asked about the name as it was typed only.
    if (file == chosen || !QFileInfo::exists(file)) return file;
    const bool replace = window.ask_replacing ? window.ask_replacing(file) : ask_replacing_by_dialogue(window, file);
    return replace ? file : QString();
}

}  // namespace moeplan
