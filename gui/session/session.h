#pragma once
// The study being edited, its answer, and everything that must not be lost: undo, the file, autosave. The only caller of
// sim/planner.h. Links no Widgets. Lives in the window's thread; answers are worked out in another.

#include <functional>
#include <memory>
#include <optional>

#include <QObject>
#include <QString>
#include <QStringList>

#include "core/catalog/catalog.h"
#include "core/report/report.h"
#include "core/scenario/scenario.h"

class QUndoStack;

namespace moeplan {

struct Answer;

class Session : public QObject {
    Q_OBJECT

public:
    // `catalog` outlives it. `state_folder`: autosave and recent files; empty = the desktop's own place.
    explicit Session(const Catalog& catalog, const QString& state_folder = {}, QObject* parent = nullptr);
    // What was autosaved goes with it: ask is_modified() first, or keep_for_next_time().
    ~Session() override;

    const Catalog& catalog() const;
    const QString& state_folder() const;
    const Scenario& scenario() const;
    // Of the last study that could be answered; null before. `is_current()` tells whether it is this study's.
    std::shared_ptr<const Report> report() const;
    bool is_current() const;
    // report() holds what was known of a simulation when it was last looked at: one that runs, or that was cancelled before
    // this study had any answer.
    bool is_partial() const;
    // What is wrong with the study as it is, or with the text that was last typed or loaded.
    const Problems& problems() const;
    bool answering() const;
    double progress() const;              // of the answer being worked out, 0..1
    double last_answer_ms() const;        // what the last answer took; 0 before the first

    // ---- edits ----
    // One undo step, called `what` ("change users"). Edits with the same non-empty `merge` in a row are one step: a slider
    // being dragged. An edit that changes nothing is none. 500 steps are remembered.
    void edit(const QString& what, const std::function<void(Scenario&)>& change, const QString& merge = {});
    // The whole study from YAML text, as an undo step. False, with problems() at their lines, when it cannot be read; the study
    // stays, and the text is draft().
    bool set_text(const QString& yaml);
    QString text() const;   // YAML of the study, as it would be saved, under the comment its file began with
    // Text that could not be read: what `file` holds, or was typed into it or into the study (then `file` is empty). Gone with
    // the next edit or open; undo brings back what was typed. While it is there nothing is saved.
    struct Draft {
        QString yaml, file;
        bool typed = false;
        bool operator==(const Draft&) const = default;
    };
    const std::optional<Draft>& draft() const;
    void drop_draft();    // back to the study as it is
    // The line of draft(), or else text(), that a problem is about; nothing when it has no place in it.
    std::optional<int> line_of(const Problem& problem) const;
    QUndoStack* undo_stack() const;

    // ---- files ----
    // Something was opened, begun or typed since the start.
    bool has_study() const;
    // False, with problems(), when it cannot be read; what was open stays.
    bool open(const QString& file);
    // Opened as a copy without a file: examples. Files it names are still found beside the example.
    bool open_example(const QString& file);
    void start_new();                     // two candidates and a sweep, ready to be changed
    // Whole or not at all; false with problems(). What saving would lose, comments beyond the leading ones or a change that
    // somebody else made to the file, is copied to FILE.bak first, and told().
    bool save();                          // to file()
    // Files that the study names keep being found: relative to the new place, or whole when they belong to an example.
    bool save_as(const QString& file);
    QString file() const;                 // empty = never saved
    // Somebody else has written something else to file() since it was read or saved. Saving replaces it.
    bool changed_on_disk() const;
    void look_at_disk();                  // without being told by the desktop, which not every disk does
    // file() as it is now, as an undo step that is saved. False, with problems(), when it cannot be read.
    bool reload();
    QString title() const;                // the file's name, or the study's
    bool is_modified() const;
    QStringList recent_files() const;     // newest first, those that exist, at most 10
    // A study left behind by a crash, as YAML with its file; taken or thrown away by the user.
    struct Recovered { QString yaml, file; };
    std::optional<Recovered> recovered() const;
    void take_recovered();
    void discard_recovered();
    // Leaves what was edited to be offered at the next start, now and when the session goes.
    void keep_for_next_time();

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
    void disk_changed();                // changed_on_disk() is something else now, or by something else
    void recent_files_changed();
    void recovered_changed();
    void told(const QString& message);  // a sentence for the status line

private:
    struct State;
    struct Change;
    struct Standing;
    void adopt(Scenario scenario, QString comment, QString file);
    void refuse(Problems problems, std::optional<Draft> draft);
    void take_step(const QString& what, const QString& merge, Standing after);
    void restore(const Standing& standing);
    bool may_save();
    void autosave(bool and_keep);
    void is_as_on_disk(const QByteArray& bytes);
    void connect_answerer();
    void take_answer(const Answer& answer);
    void give_up_partial();
    void remember_recent(const QString& file);
    bool write_to(const QString& file);
    std::unique_ptr<State> state_;
};

}  // namespace moeplan
