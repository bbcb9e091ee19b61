// Files of the window: chosen, dropped, saved, asked about when it closes.
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QMimeData>
#include <QPointer>
#include <QPushButton>

#include "gui/models/study_edits.h"
#include "gui/models/text.h"
#include "gui/panels/candidates_panel.h"
#include "gui/panels/field_editor.h"
#include "gui/panels/study_text_panel.h"
#include "gui/session/session.h"
#include "gui/window/choose_file.h"
#include "gui/window/main_window.h"
#include "gui/window/notice_bar.h"

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

void MainWindow::open_recent(const QString& file) {
    if (may_leave_study()) session_->open(file);
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
    if (session_->file().isEmpty()) return save_study_as();
    switch (session_->changed_on_disk() ? ask_saving() : Saving::replace) {
        case Saving::replace: return session_->save();
        case Saving::elsewhere: return save_study_as();
        case Saving::stay: return false;
    }
    return false;
}

MainWindow::Saving MainWindow::ask_saving_by_dialogue() {
    QMessageBox box(QMessageBox::Question, tr("The file has changed"),
                    tr("%1 was changed by somebody else since it was opened here.").arg(session_->title()), QMessageBox::Cancel, this);
    box.setInformativeText(tr("Replacing it keeps a copy of what it holds beside it."));
    const auto* replace = box.addButton(tr("&Replace it"), QMessageBox::DestructiveRole);
    QPushButton* elsewhere = box.addButton(tr("Save &as…"), QMessageBox::AcceptRole);
    box.setDefaultButton(elsewhere);
    box.exec();
    if (box.clickedButton() == replace) return Saving::replace;
    return box.clickedButton() == elsewhere ? Saving::elsewhere : Saving::stay;
}

// A file that somebody else has changed is offered, not taken: the study here may be wanted as it is.
void MainWindow::show_disk() {
    if (!session_->changed_on_disk()) return disk_bar_->hide();
    QString message = tr("%1 was changed by somebody else.").arg(session_->title());
    if (session_->is_modified()) message += tr(" Reloading it takes the place of the edits made here; Undo brings them back.");
    const auto reload = [this] {
        take_typed();
        session_->reload();
    };
    disk_bar_->show_notice(message, {{tr("Re&load"), reload}, {tr("&Keep this one"), [this] { disk_bar_->hide(); }}});
}

void MainWindow::changeEvent(QEvent* event) {
    if (event->type() == QEvent::ActivationChange && isActiveWindow()) session_->look_at_disk();
    QMainWindow::changeEvent(event);
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
