// Questions out, answers in.
#include <utility>

#include "gui/models/text.h"
#include "gui/session/session_state.h"
#include "gui/session/study_text.h"

namespace moeplan {

std::shared_ptr<const Report> Session::report() const { return state_->report; }
bool Session::is_current() const { return state_->current; }
bool Session::is_partial() const { return state_->partial; }
bool Session::answering() const { return state_->answering; }
double Session::progress() const { return state_->progress; }
double Session::last_answer_ms() const { return state_->milliseconds; }
const Problems& Session::problems() const { return state_->text_problems.empty() ? state_->answer_problems : state_->text_problems; }

std::optional<int> Session::line_of(const Problem& problem) const {
    const State& s = *state_;
    std::string name = s.draft ? (s.draft->file.isEmpty() ? s.scenario->file : s.draft->file.toStdString()) : s.answer_file;
    if (name.empty()) name = kUnsavedStudy;
    if (!problem.where.starts_with(name + ":")) return std::nullopt;
    bool is_number = false;
    const int line = text_of(std::string_view(problem.where).substr(name.size() + 1)).toInt(&is_number);
    return is_number && line > 0 ? std::optional(line) : std::nullopt;
}

void Session::ask_again() {
    State& s = *state_;
    if (!s.has_study) return;
    s.current = false;
    s.progress = 0;
    s.answerer->ask({++s.asked, s.scenario, s.comment.toStdString(), s.scenario->file});
    if (!std::exchange(s.answering, true)) emit answering_changed(true);
}

void Session::cancel() {
    State& s = *state_;
    s.answerer->cancel();
    const bool was = std::exchange(s.answering, false);
    give_up_partial();
    if (was) emit answering_changed(false);
}

// What was known of a simulation that will not end gives way to the last whole answer.
void Session::give_up_partial() {
    State& s = *state_;
    if (!s.partial || !s.whole) return;
    s.report = s.whole;
    s.partial = false;
    emit answered();
}

void Session::take_answer(const Answer& answer) {
    State& s = *state_;
    const bool newest = answer.number == s.asked;
    if (answer.number < s.first_of_study) return;
    if (answer.partial) {
        if (!newest) return;
        s.report = answer.report;
        s.partial = true;
        emit partly_answered();
        return;
    }
    if (newest) {
        s.progress = 1;
        if (std::exchange(s.answering, false)) emit answering_changed(false);
    }
    if (answer.cancelled) return;
    if (answer.report) {
        s.report = s.whole = answer.report;
        s.partial = false;
        s.current = newest;
        s.milliseconds = answer.milliseconds;
    }
    if (newest && (!answer.problems.empty() || !s.answer_problems.empty())) {
        s.answer_problems = answer.problems;
        s.answer_file = answer.scenario->file;
        emit problems_changed();
    }
    if (answer.report) emit answered();
    else if (newest) give_up_partial();
}

void Session::connect_answerer() {
    Answerer::Listener listener;
    listener.answered = [this](Answer answer) {
        QMetaObject::invokeMethod(this, [this, answer = std::move(answer)] { take_answer(answer); }, Qt::QueuedConnection);
    };
    listener.progress = [this](double share) {
        QMetaObject::invokeMethod(this, [this, share] {
            if (!state_->answering) return;
            state_->progress = share;
            emit progress_changed(share);
        }, Qt::QueuedConnection);
    };
    state_->answerer = std::make_unique<Answerer>(*state_->catalog, std::move(listener));
}

}  // namespace moeplan
