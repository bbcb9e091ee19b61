#include "gpu/calibrator/calibration_run.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace moeplan {

Result<Calibration> CalibrationRun::run() {
    if (auto opened = open(); !opened) return tl::unexpected(opened.error());
    loop();
    worker_.stop();
    return finish();
}

Result<void> CalibrationRun::open() {
    if (!settings_.resume && Journal::exists(settings_.journal))   // told before a worker is started for nothing
        return fail(Problem{settings_.journal,
                            {},
                            "is there already and is left alone",
                            "--resume goes on with it; --journal FILE names another"});
    auto hello = worker_.start(control_.cancel);
    if (!hello) return tl::unexpected(hello.error());
    if (!hello->unknown_ops.empty())
        notes_.push_back(fmt::format("left out, for this moeplan does not know what they are: the worker's {}", fmt::join(hello->unknown_ops, ", ")));
    plan_ = tools_.plan(*hello);
    if (plan_.size() == 0) {
        std::string why;
        for (const std::string& reason : plan_.left_out) why += (why.empty() ? "left out: " : "; ") + reason;
        return fail(Problem{settings_.worker,
                            {},
                            fmt::format("the worker on {} offers nothing that is to be measured", hello->device),
                            why});
    }
    if (auto opened = open_journal(*hello); !opened) return opened;
    rounds_.emplace(plan_, tools_, settings_, header_.hello);
    if (header_.plan != plan_hash(plan_) || header_.seed != settings_.seed) use_journal_of_other_plan();
    return {};
}

// Its rows are fitted together: they must be of one device, and of as many threads of it.
Result<void> CalibrationRun::same_device(const WorkerHello& hello) const {
    const WorkerHello& before = header_.hello;
    const std::string hint = header_.worker == settings_.worker
                                 ? "name a journal of its own with --journal FILE"
                                 : fmt::format("it was begun with --worker \"{}\"; --journal FILE names another journal", header_.worker);
    if (hello.device != before.device)
        return fail(Problem{settings_.journal, "hello.device",
                            fmt::format("holds measurements of {}, but this worker runs on {}", before.device, hello.device), hint});
    if (hello.threads != before.threads)
        return fail(Problem{settings_.journal, "hello.threads",
                            fmt::format("holds measurements of {} threads, but this worker runs {}", before.threads, hello.threads), hint});
    return {};
}

void CalibrationRun::note_changes(const WorkerHello& hello) {
    const WorkerHello& before = header_.hello;
    if (hello.driver != before.driver || hello.runtime != before.runtime)
        notes_.push_back(fmt::format("the journal was begun with driver '{}', runtime '{}'; now they are '{}', '{}'",
                                     before.driver, before.runtime, hello.driver, hello.runtime));
    if (hello.memory_bytes != before.memory_bytes)
        notes_.push_back(fmt::format("the journal was begun with {} bytes of memory; now there are {}", before.memory_bytes, hello.memory_bytes));
    if (hello.devices != before.devices)
        notes_.push_back(fmt::format("the journal was begun with {} devices; now there are {}", before.devices, hello.devices));
}

Result<void> CalibrationRun::open_journal(const WorkerHello& hello) {
    header_ = {hello, settings_.worker, plan_hash(plan_), settings_.seed, settings_.study};
    if (!settings_.resume || !Journal::exists(settings_.journal)) {
        auto journal = Journal::create(settings_.journal, header_);
        if (!journal) return tl::unexpected(journal.error());
        journal_.emplace(std::move(*journal));
        return {};
    }
    JournalContent content;
    auto journal = Journal::resume(settings_.journal, content);
    if (!journal) return tl::unexpected(journal.error());
    journal_.emplace(std::move(*journal));
    header_ = content.header;
    notes_.insert(notes_.end(), content.notes.begin(), content.notes.end());
    entries_ = std::move(content.entries);
    for (const JournalEntry& entry : entries_) known_[key_of(entry.request.kernel)].push_back(entry);
    note_changes(hello);
    return same_device(hello);
}

// Its answers count and are not asked for again, but it does not tell the way this run would have gone.
void CalibrationRun::use_journal_of_other_plan() {
    if (entries_.empty()) return;
    notes_.push_back(
        "the journal was begun with another plan or seed: its answers are kept, the choice of probes starts from them");
    for (const JournalEntry& entry : entries_) {
        auto& attempts = known_[key_of(entry.request.kernel)];
        if (attempts.empty()) continue;
        const bool answered = attempts.back().kind == AnswerKind::ok;
        if (answered) rounds_->know(measurement_of(attempts.back()));
        if (answered || is_final(attempts.back().kind) || static_cast<int>(attempts.size()) >= settings_.attempts) {
            rounds_->already_asked(entry.request.kernel);
            ++asked_;
            ++reused_;
            if (!answered) ++failed_;
        }
        for (const JournalEntry& attempt : attempts) journaled_s_ += attempt.seconds;
        attempts.clear();
    }
    rounds_->learn();
}

void CalibrationRun::loop() {
    while (!stop_) {
        if (rounds_->target_met()) {
            stop_ = StopReason::target;
            return;
        }
        if (!may_go_on()) return;
        // Rounds grow with what is known: a choice is worth as much as the fit it is made with.
        const std::int64_t usual = std::clamp<std::int64_t>(asked_ / 8, 8, 64);
        const auto choices = rounds_->next(static_cast<std::size_t>(std::min(usual, settings_.probes - asked_)));
        if (choices.empty()) stop_ = StopReason::everything_measured;
        else round(choices);
    }
}

void CalibrationRun::round(const std::vector<Choice>& choices) {
    const std::int64_t first = asked_ + 1;
    std::vector<std::optional<JournalEntry>> ended(choices.size());
    for (int attempts = 0; attempts < settings_.attempts && !stop_; ++attempts) {
        for (std::size_t i = 0; i < choices.size() && !stop_; ++i) {
            if (ended[i] && (ended[i]->kind == AnswerKind::ok || is_final(ended[i]->kind))) continue;
            if (!may_go_on()) break;
            auto entry = attempt(choices[i], first + static_cast<std::int64_t>(i), attempts == 0);
            if (!entry) break;
            if (attempts == 0) ++asked_;
            ended[i] = std::move(entry);
        }
    }
    settle(choices, ended);
    if (!stop_) rounds_->learn();
    tell({});
}

// In the order of choice, whatever the order of answers was: then a retry changes nothing in what is fitted.
void CalibrationRun::settle(const std::vector<Choice>& choices, const std::vector<std::optional<JournalEntry>>& ended) {
    for (std::size_t i = 0; i < choices.size(); ++i) {
        if (!ended[i]) continue;
        if (ended[i]->kind == AnswerKind::ok) {
            rounds_->take(choices[i], measurement_of(*ended[i]));
            continue;
        }
        ++failed_;
        rounds_->give_up(choices[i]);
        if (ended[i]->kind == AnswerKind::out_of_memory) rounds_->out_of_memory(choices[i]);
    }
}

bool CalibrationRun::may_go_on() {
    if (stop_) return false;
    if (control_.cancelled()) stop_ = StopReason::cancelled;
    else if (seconds_used() >= settings_.budget_s) stop_ = StopReason::budget;
    else if (asked_ >= settings_.probes) stop_ = StopReason::probes;
    return !stop_;
}

double CalibrationRun::seconds_used() const {
    return journaled_s_ + std::chrono::duration<double>(Clock::now() - start_).count();
}

void CalibrationRun::tell(const std::string& probe, const JournalEntry* answer) {
    CalibrationProgress progress;
    progress.device = header_.hello.device;
    progress.done = asked_ - failed_;
    progress.failed = failed_;
    progress.probes = settings_.probes;
    progress.seconds = seconds_used();
    progress.budget_s = settings_.budget_s;
    progress.groups = rounds_->progress();
    progress.error = rounds_->error();
    progress.probe = probe;
    progress.answer = answer;
    progress.hello = &header_.hello;
    if (control_.progress) control_.progress(progress.share());
    if (on_progress_) on_progress_(progress);
}

Calibration CalibrationRun::finish() {
    for (const auto& [key, attempts] : known_) {   // of a longer run: measured is measured
        if (!attempts.empty() && attempts.back().kind == AnswerKind::ok) rounds_->know(measurement_of(attempts.back()));
    }
    Calibration result;
    result.set = rounds_->rows();
    const MeasurementSet about = measurements_of(header_, {});
    result.set.device = about.device;
    result.set.source = about.source;
    result.set.timed_here = about.timed_here;
    result.statistics = statistics_of(entries_);
    const auto groups = rounds_->progress();
    for (GroupStatistics& group : result.statistics.groups) {
        for (const GroupProgress& known : groups) {
            if (known.family == group.family && known.format == group.format) group.error = known.error;
        }
    }
    result.header = std::move(header_);
    result.entries = std::move(entries_);
    result.stop = stop_.value_or(StopReason::everything_measured);
    result.problems = std::move(problems_);
    result.notes = std::move(notes_);
    for (const std::string& note : rounds_->notes()) result.notes.push_back(note);
    result.left_out = plan_.left_out;
    result.reused = reused_;
    return result;
}

}  // namespace moeplan
