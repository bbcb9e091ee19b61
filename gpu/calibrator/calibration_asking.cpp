// Asking one probe: of the journal first, then of the worker.
#include <thread>

#include <fmt/format.h>

#include "gpu/calibrator/calibration_run.h"

namespace moeplan {

bool is_final(AnswerKind kind) { return kind == AnswerKind::unsupported || kind == AnswerKind::out_of_memory; }

std::optional<JournalEntry> CalibrationRun::attempt(const Choice& choice, std::int64_t id, bool first) {
    const Kernel& kernel = plan_.groups[choice.group].kernels[choice.place];
    if (auto entry = from_journal(kernel)) {
        tell(to_text(kernel), &*entry);
        return entry;
    }
    tell(to_text(kernel));
    auto entry = from_worker(kernel, id);
    if (entry) tell(to_text(kernel), &*entry);
    // That a probe fails again says nothing new about the worker.
    if (entry && (first || entry->kind == AnswerKind::ok || is_final(entry->kind)))
        worker_did(entry->kind, entry->message);
    return entry;
}

std::optional<JournalEntry> CalibrationRun::from_journal(const Kernel& kernel) {
    const auto known = known_.find(key_of(kernel));
    if (known == known_.end() || known->second.empty()) return std::nullopt;
    JournalEntry entry = std::move(known->second.front());
    known->second.pop_front();
    journaled_s_ += entry.seconds;
    ++reused_;
    return entry;
}

std::optional<JournalEntry> CalibrationRun::from_worker(const Kernel& kernel, std::int64_t id) {
    if (!ensure_worker()) return std::nullopt;
    JournalEntry entry;
    entry.request = {id, kernel, settings_.limits};
    Answer answer = worker_.ask(entry.request, control_.cancel);
    if (answer.kind == AnswerKind::cancelled) {
        stop_ = StopReason::cancelled;
        return std::nullopt;
    }
    entry.kind = answer.kind;
    entry.message = std::move(answer.message);
    entry.seconds = answer.seconds;
    if (answer.kind == AnswerKind::ok) {
        entry.reply = std::move(answer.reply);
        entry.message.clear();
    }
    if (auto kept = journal_->append(entry); !kept) {
        stop_ = StopReason::journal_failed;
        append(problems_, std::move(kept.error()));
        return std::nullopt;
    }
    entries_.push_back(entry);
    return entry;
}

void CalibrationRun::worker_did(AnswerKind kind, const std::string& message) {
    if (kind == AnswerKind::ok || is_final(kind)) {
        failures_in_a_row_ = 0;
        return;
    }
    if (++failures_in_a_row_ < settings_.failures_in_a_row) return;
    stop_ = StopReason::worker_failed;
    problems_.push_back({settings_.worker,
                         {},
                         fmt::format("the worker failed {} times in a row, the last time so: {}: {}",
                                     failures_in_a_row_, name_of(kind), message),
                         "what was measured is in " + settings_.journal});
}

// Restarts it where needed; a start that fails is the worker's failure, not the probe's.
bool CalibrationRun::ensure_worker() {
    auto pause = std::chrono::milliseconds(50);
    while (!stop_ && !worker_.running()) {
        auto hello = worker_.start(control_.cancel);
        if (control_.cancelled()) {
            stop_ = StopReason::cancelled;
        } else if (!hello) {
            worker_did(AnswerKind::failed, to_text(hello.error().front()));
            if (stop_) break;
            std::this_thread::sleep_for(pause);   // a device that was just reset may need a moment
            pause *= 3;
        } else if (auto same = same_device(*hello); !same) {
            stop_ = StopReason::worker_failed;
            append(problems_, std::move(same.error()));
        }
    }
    return !stop_;
}

}  // namespace moeplan
