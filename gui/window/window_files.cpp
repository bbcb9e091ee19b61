// Files of the window: chosen, dropped, saved, asked about when it closes.
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QMimeData>
#include <QPointer>

#include "gui/models/study_edits.h"
#include "gui/models/text.h"
#include "gui/panels/candidates_panel.h"
#include "gui/panels/field_editor.h"
#include "gui/panels/study_text_panel.h"
#include "gui/session/session.h"
#include "gui/window/choose_file.h"
#include "gui/window/main_window.h"

namespace moeplan {
namespace {

QString studies_filter() { return MainWindow::tr("Studies (*.yaml *.yml);;All files (*)"); }

bool is_model(const QFileInfo& file) {
    if (file.isDir()) return QFileInfo::exists(file.filePath() + "/config.json");
    return file.suffix().toLower() == "gguf" || file.suffix().toLower() == "json";
}

bool is_trace(const QFileInfo& file) {
    const QString name = file.fileName().toLower();
    for (const char* end : {".csv", ".jsonl", ".csv.gz", ".jsonl.gz", ".csv.zst", ".jsonl.zst", ".parquet"}) {
        if (name.endsWith(end)) return true;
    }
    return false;
}

bool is_study(const QFileInfo& file) { return file.isFile() && (file.suffix().toLower() == "yaml" || file.suffix().toLower() == "yml"); }

}  // namespace

void MainWindow::take_typed() {
    docks_.text_panel->take_typed();
    QList<QPointer<FieldEditor>> fields;   // what one of them changes may take another away
    for (FieldEditor* field : findChildren<FieldEditor*>()) fields << field;
    for (const auto& field : fields) {
        if (field) field->take_typed();
    }
}

void MainWindow::take_file(const QString& name) {
    const QFileInfo file(name);
    const std::string path = file.absoluteFilePath().toStdString();
    if (is_study(file)) {
        if (may_leave_study()) session_->open(name);
    } else if (is_model(file)) {
        bring_up(*docks_.candidates);   // where it appears, or what is wrong with it
        docks_.candidates_panel->take_model(text_of(path));
    } else if (is_trace(file)) {
        session_->edit(tr("use a trace"), [&](Scenario& s) { use_trace(s, path); });
    } else {
        emit session_->told(tr("%1 is no study (.yaml), model (config.json, .gguf) or trace (.csv, .jsonl)").arg(file.fileName()));
    }
}

void MainWindow::start_new_study() {
    if (may_leave_study()) session_->start_new();
}

void MainWindow::open_example(const QString& file) {
    if (may_leave_study()) session_->open_example(file);
}

void MainWindow::choose_study() {
    const QString folder = session_->file().isEmpty() ? QString() : QFileInfo(session_->file()).path();
    const QString file = QFileDialog::getOpenFileName(this, tr("Open a study"), folder, studies_filter());
    if (!file.isEmpty() && may_leave_study()) session_->open(file);
}

void MainWindow::choose_candidate() {
    const QString file =
        QFileDialog::getOpenFileName(this, tr("Add a model as a candidate"), {}, tr("Models (config.json *.json *.gguf);;All files (*)"));
    if (!file.isEmpty()) take_file(file);
}

// A text that cannot be read is not saved: the session says so, and the window shows why.
bool MainWindow::ready_to_save() {
    take_typed();
    if (!session_->draft()) return true;
    show_problem_places();
    return session_->save();
}

bool MainWindow::save_study() {
    if (!ready_to_save()) return false;
    return session_->file().isEmpty() ? save_study_as() : session_->save();
}

bool MainWindow::save_study_as() {
    if (!ready_to_save()) return false;
    const QString wish = session_->file().isEmpty() ? session_->title().simplified().replace('/', '-') + ".yaml" : session_->file();
    const QString file = choose_file_to_write(*this, tr("Save the study"), wish, studies_filter(), {".yaml", ".yml"});
    return !file.isEmpty() && session_->save_as(file);
}

bool MainWindow::may_leave_study() {
    take_typed();
    if (!session_->is_modified()) return true;
    switch (ask_leaving ? ask_leaving() : Leaving::discard) {
        case Leaving::save: return save_study();
        case Leaving::discard: return true;
        case Leaving::stay: return false;
    }
    return false;
}

MainWindow::Leaving MainWindow::ask_by_dialogue() {
    const QString what = session_->title().isEmpty() ? tr("This study") : session_->title();
    QMessageBox box(QMessageBox::Question, tr("Unsaved changes"), tr("%1 has changes that are not saved.").arg(what),
                    QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, this);
    if (session_->draft())
        box.setInformativeText(tr("What stands in Study text cannot be read, and cannot be saved before it can."));
    box.setDefaultButton(QMessageBox::Save);
    switch (box.exec()) {
        case QMessageBox::Save: return Leaving::save;
        case QMessageBox::Discard: return Leaving::discard;
        default: return Leaving::stay;
    }
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!may_leave_study()) {
        event->ignore();
        return;
    }
    remember_layout();
    QMainWindow::closeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    for (const QUrl& url : event->mimeData()->urls()) {
        if (url.isLocalFile()) take_file(url.toLocalFile());
    }
    event->acceptProposedAction();
}

}  // namespace moeplan
