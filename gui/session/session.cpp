#include "gui/session/session.h"

#include <utility>

#include <QStandardPaths>

#include "gui/models/text.h"
#include "gui/session/recent_files.h"
#include "gui/session/session_state.h"
#include "gui/session/study_text.h"

namespace moeplan {
namespace {

constexpr int kUndoSteps = 500;
constexpr int kAutosaveAfterMs = 2000;

QString own_folder() { return QStandardPaths::writableLocation(QStandardPaths::AppLocalDataLocation); }

}  // namespace

bool Session::Change::mergeWith(const QUndoCommand* other) {
    const auto* next = static_cast<const Change*>(other);   // the only kind there is
    if (next->merge != merge) return false;
    after = next->after;
    if (after == before) setObsolete(true);
    return true;
}

void Session::Change::redo() {
    if (!std::exchange(done, false)) session->restore(after);
}

Session::Session(const Catalog& catalog, const QString& state_folder, QObject* parent)
    : QObject(parent), state_(new State(catalog, state_folder.isEmpty() ? own_folder() : state_folder)) {
    State& s = *state_;
    s.undo.setUndoLimit(kUndoSteps);
    s.recent = read_recent_files(s.folder + "/recent.json");
    s.autosave.look_for_left_behind();
    s.autosave_timer.setSingleShot(true);
    s.autosave_timer.setInterval(kAutosaveAfterMs);
    connect(&s.autosave_timer, &QTimer::timeout, this, [this] {
        if (is_modified()) autosave(false);
    });
    connect(&s.undo, &QUndoStack::cleanChanged, this, &Session::file_changed);
    connect(&s.watch, &FileWatch::touched, this, &Session::look_at_disk);
    connect_answerer();
}

Session::~Session() {
    state_->answerer.reset();   // its thread speaks to this
    disconnect(&state_->undo, nullptr, this, nullptr);
}

const Catalog& Session::catalog() const { return *state_->catalog; }
const QString& Session::state_folder() const { return state_->folder; }
const Scenario& Session::scenario() const { return *state_->scenario; }
QUndoStack* Session::undo_stack() const { return &state_->undo; }
const std::optional<Session::Draft>& Session::draft() const { return state_->draft; }
bool Session::has_study() const { return state_->has_study; }
QString Session::file() const { return state_->file; }
bool Session::is_modified() const { return !state_->undo.isClean(); }
QString Session::text() const { return state_->comment + text_of(save_scenario(*state_->scenario)); }

void Session::edit(const QString& what, const std::function<void(Scenario&)>& change, const QString& merge) {
    auto changed = std::make_shared<Scenario>(*state_->scenario);
    change(*changed);
    if (*changed == *state_->scenario) return;
    take_step(what, merge, {std::move(changed), state_->comment, std::nullopt, {}});
}

void Session::take_step(const QString& what, const QString& merge, Standing after) {
    State& s = *state_;
    auto* step = new Change(*this, what, merge);
    step->before = {s.scenario, s.comment, s.draft, s.draft ? s.text_problems : Problems{}};
    // A file that was merely looked at is still there to be opened again.
    if (s.draft && !s.draft->typed && !after.draft) step->before.draft.reset(), step->before.problems.clear();
    step->after = after;
    s.undo.push(step);   // which may merge it away
    restore(after);
}

bool Session::set_text(const QString& yaml) {
    State& s = *state_;
    const QString opened = s.draft ? s.draft->file : QString();   // typed into a file that could not be read
    auto read = read_study(yaml.toStdString(), opened.isEmpty() ? s.scenario->file : opened.toStdString());
    if (!read) {
        take_step(tr("edit the text"), "text", {s.scenario, s.comment, Draft{yaml, opened, true}, std::move(read.error())});
        return false;
    }
    const QString comment = text_of(leading_comment(yaml.toStdString()));
    if (!opened.isEmpty()) {
        adopt(std::move(*read), comment, opened);
        s.undo.resetClean();
        return true;
    }
    Standing after{std::make_shared<const Scenario>(std::move(*read)), comment, std::nullopt, {}};
    const bool same = after == Standing{s.scenario, s.comment, s.draft, {}};
    if (!same) take_step(tr("edit the text"), "text", std::move(after));
    return true;
}

void Session::drop_draft() {
    State& s = *state_;
    if (!s.draft) return;
    if (s.draft->typed) return take_step(tr("give up the text"), {}, {s.scenario, s.comment, std::nullopt, {}});
    refuse({}, std::nullopt);
    emit scenario_changed();   // its text stands where the draft did
}

// Back to a state of the study, wherever its file has gone meanwhile.
void Session::restore(const Standing& standing) {
    State& s = *state_;
    const std::string file = s.file.toStdString();
    auto scenario = standing.scenario;
    if (!s.file.isEmpty() && scenario->file != file)
        scenario = std::make_shared<const Scenario>(moved_to(*scenario, file, *s.catalog, false));
    const bool same = *scenario == *s.scenario && standing.comment == s.comment;
    s.scenario = std::move(scenario);
    s.comment = standing.comment;
    if (!standing.draft) s.has_study = true;
    if (!s.text_problems.empty() || s.draft != standing.draft) refuse(standing.problems, standing.draft);
    if (!s.autosave_timer.isActive()) s.autosave_timer.start();
    emit scenario_changed();
    if (!same) ask_again();
}

void Session::refuse(Problems problems, std::optional<Draft> draft) {
    state_->text_problems = std::move(problems);
    state_->draft = std::move(draft);
    emit problems_changed();
}

// Another study: nothing of the last one can be undone or answered any more.
void Session::adopt(Scenario scenario, QString comment, QString file) {
    State& s = *state_;
    if (s.answerer) s.answerer->cancel();
    s.first_of_study = s.asked + 1;
    s.file = std::move(file);
    s.scenario = std::make_shared<const Scenario>(std::move(scenario));
    s.comment = std::move(comment);
    s.whole.reset();
    s.on_disk.clear();
    s.seen_on_disk.clear();
    s.watch.watch(s.file);
    s.has_study = true;
    s.draft.reset();
    s.text_problems.clear();
    s.answer_problems.clear();
    s.undo.clear();
    s.scribe.write([&autosave = s.autosave] { autosave.remove(); });
    emit problems_changed();
    emit file_changed();
    emit disk_changed();
    emit scenario_changed();
    ask_again();
}

}  // namespace moeplan
