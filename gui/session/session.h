#pragma once
// The study being edited, its answer, and everything that must not be lost: undo, the file, autosave. The only caller of
// sim/planner.h. Links no Widgets. Lives in the window's thread; answers are worked out in another.

#include <functional>
#include <memory>

#include <QObject>
#include <QString>
#include <QStringList>

#include "core/catalog/catalog.h"
#include "core/report/report.h"
#include "core/scenario/scenario.h"

class QUndoStack;

namespace moeplan {

class Session : public QObject {
    Q_OBJECT

public:
    // `catalog` outlives it. `state_folder`: autosave and recent files; empty = the desktop's own place.
    explicit Session(const Catalog& catalog, const QString& state_folder = {}, QObject* parent = nullptr);
    ~Session() override;

    const Catalog& catalog() const;
    const Scenario& scenario() const;
    // Of the last study that could be answered; null before. `is_current()` tells whether it is this study's.
    std::shared_ptr<const Report> report() const;
    bool is_current() const;
    // What is wrong with the study as it is, or with the text that was last typed or loaded.
    const Problems& problems() const;
    bool answering() const;

    // ---- edits ----
    // One undo step, called `what` ("change users"). Edits with the same non-empty `merge` in a row are one step: a slider
    // being dragged. An edit that changes nothing is none.
    void edit(const QString& what, const std::function<void(Scenario&)>& change, const QString& merge = {});
    // The whole study from YAML text. False, with problems() at their lines, when it cannot be read; the study stays.
    bool set_text(const QString& yaml);
    QString text() const;   // YAML of the study, as it would be saved
    QUndoStack* undo_stack() const;

    // ---- files ----
    // False, with problems(), when it cannot be read; what was open stays.
    bool open(const QString& file);
    // Opened as a copy without a file: examples.
    bool open_example(const QString& file);
    void start_new();
    bool save();                          // to file(); whole or not at all
    bool save_as(const QString& file);
    QString file() const;                 // empty = never saved
    bool is_modified() const;
    QStringList recent_files() const;     // newest first, those that exist
    // A study left behind by a crash, as YAML with its file; taken or thrown away by the user.
    struct Recovered { QString yaml, file; };
    std::optional<Recovered> recovered() const;
    void take_recovered();
    void discard_recovered();

public slots:
    void ask_again();      // answers the study anew
    void cancel();         // the answer being worked out; the last one stays

signals:
    void scenario_changed();            // after every edit, undo, open
    void answered();                    // report() is new
    void problems_changed();
    void answering_changed(bool answering);
    void progress_changed(double share);
    void partly_answered();             // report() holds what is known so far of a long simulation
    void file_changed();                // name or modified
    void recent_files_changed();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace moeplan
