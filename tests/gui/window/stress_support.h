#pragma once
// What must hold of a window whatever was done to it.

#include <string>

#include <QApplication>
#include <QDropEvent>
#include <QMimeData>
#include <QSlider>
#include <QUndoStack>
#include <QUrl>

#include "gui/models/fields.h"
#include "gui/panels/field_editor.h"
#include "tests/gui/window/window_support.h"

namespace moeplan {

inline QString starter(const char* name) { return QStringLiteral(MOEPLAN_SOURCE_DIR "/scenarios/studies/%1.yaml").arg(QLatin1String(name)); }

// The study as its text reads; empty when it is the study that the window has.
inline QString not_readable(Session& session) {
    const Scenario& now = session.scenario();
    const std::string text = session.text().toStdString();
    const auto back = parse_scenario(text, now.file);
    if (!back) return QString::fromStdString(to_text(back.error().front()) + "\n" + text);
    return *back == now ? QString() : QString::fromStdString("read back as another study:\n" + text);
}

// What is wrong with the window; empty when nothing is. Goes to the start of what can be undone and back.
inline QString broken(TestWindow& w) {
    if (const QWidget* modal = QApplication::activeModalWidget()) return "a dialogue is in the way: " + modal->windowTitle();
    if (const QString why = not_readable(w.session()); !why.isEmpty()) return why;
    const Scenario now = w.session().scenario();
    QUndoStack* undo = w.session().undo_stack();
    const int at = undo->index();
    undo->setIndex(0);
    if (undo->index() != 0 || undo->canUndo()) return "what was done cannot be undone";
    if (const QString why = not_readable(w.session()); !why.isEmpty()) return "at the start: " + why;
    undo->setIndex(at);
    return w.session().scenario() == now ? QString() : QString("undone and done again is another study");
}

// Saved, what the file holds is the study. Its window goes on with that file.
inline QString not_saved(TestWindow& w, const Scratch& folder) {
    const QString file = QString::fromStdString(folder.path("saved.yaml"));
    if (!w.session().save_as(file)) return "cannot be saved";
    const auto loaded = load_scenario(file.toStdString());
    if (!loaded) return QString::fromStdString(to_text(loaded.error().front()) + "\n" + text_of(folder.path("saved.yaml")));
    if (!(*loaded == w.session().scenario())) return "the file is another study";
    return QString::fromStdString(text_of(folder.path("saved.yaml"))) == w.session().text() ? QString() : QString("the file is another text");
}

// Editors of what the study has a place for, whether or not their fold is open; of candidates, those of the first `candidates`.
inline QList<FieldEditor*> editors(const QWidget& of, std::size_t candidates = 1000) {
    QList<FieldEditor*> all;
    for (auto* editor : of.findChildren<FieldEditor*>()) {
        const QString name = editor->objectName();
        const bool beyond = name.startsWith("candidate[") && name.mid(10).section(']', 0, 0).toULongLong() >= candidates;
        if (editor->is_there() && !beyond) all << editor;
    }
    return all;
}

// As the desktop drops files: only where they are taken.
inline bool drop(QWidget& onto, const QList<QUrl>& files) {
    QMimeData data;
    data.setUrls(files);
    const QPoint middle = onto.rect().center();
    QDragEnterEvent enter(middle, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    enter.setAccepted(false);
    QApplication::sendEvent(&onto, &enter);
    if (!enter.isAccepted()) return false;
    QDropEvent event(QPointF(middle), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&onto, &event);
    return true;
}
inline bool drop(QWidget& onto, const QString& file) { return drop(onto, QList<QUrl>{QUrl::fromLocalFile(file)}); }

// A million requests of a recording of conversations: minutes of work, unless it is given up.
inline void ask_for_a_million(Session& session) {
    session.edit("a million requests", [](Scenario& s) {
        std::get<TraceArrivals>(*s.workload.arrivals).repeat = 500;
        s.simulate.requests = 1'000'000;
        s.simulate.duration.reset();
        for (Candidate& candidate : s.candidates) {
            if (candidate.simulate) candidate.simulate = s.simulate;
        }
    });
}

}  // namespace moeplan
