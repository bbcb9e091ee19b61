#pragma once
// What a Session remembers. Internal to gui/session.

#include <cstdint>
#include <memory>
#include <optional>

#include <QByteArray>
#include <QTimer>
#include <QUndoStack>

#include "gui/session/answerer.h"
#include "gui/session/autosave.h"
#include "gui/session/file_watch.h"
#include "gui/session/scribe.h"
#include "gui/session/session.h"

namespace moeplan {

struct Session::State {
    State(const Catalog& known, const QString& state_folder) : catalog(&known), folder(state_folder), autosave(state_folder) {}

    const Catalog* catalog;
    QString folder;

    // The study. Its Scenario::file is file() where there is one, and the example's otherwise.
    std::shared_ptr<const Scenario> scenario = std::make_shared<const Scenario>();
    QString comment;                      // before its text
    QString file;
    QByteArray on_disk;                   // what the file held when it was read or written last
    QByteArray seen_on_disk;              // what somebody else wrote there and was told of
    FileWatch watch;
    bool has_study = false;
    std::optional<Draft> draft;
    Problems text_problems;               // of the draft, or of a file
    QUndoStack undo;

    // The answer.
    std::shared_ptr<const Report> report;
    std::shared_ptr<const Report> whole;  // the last of this study that is not what was known of a running simulation
    Problems answer_problems;
    std::string answer_file;              // as their places name it
    std::uint64_t asked = 0;              // number of the newest question
    std::uint64_t first_of_study = 1;     // answers before it are of a study that is no longer open
    bool current = false, partial = false, answering = false;
    double progress = 0, milliseconds = 0;

    QStringList recent;
    QTimer autosave_timer;
    Autosave autosave;                    // written by the scribe only
    Scribe scribe;
    std::unique_ptr<Answerer> answerer;   // goes first
};

// What an undo step goes between: the study, and the text that could not be read in its place.
struct Session::Standing {
    std::shared_ptr<const Scenario> scenario;
    QString comment;
    std::optional<Draft> draft;
    Problems problems;                    // of the draft

    bool operator==(const Standing& o) const { return *scenario == *o.scenario && comment == o.comment && draft == o.draft; }
};

// An undo step.
struct Session::Change : QUndoCommand {
    Change(Session& of, const QString& what, const QString& key) : QUndoCommand(what), session(&of), merge(key) {}

    int id() const override { return merge.isEmpty() ? -1 : 1; }
    bool mergeWith(const QUndoCommand* other) override;
    void undo() override { session->restore(before); }
    void redo() override;

    Session* session;
    QString merge;
    Standing before, after;
    bool done = true;   // what is pushed has happened
};

}  // namespace moeplan
