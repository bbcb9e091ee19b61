#pragma once
// One run of the loop, for calibrate.cpp only: a worker, a journal, and the rounds between them.

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "gpu/calibrator/calibrate.h"
#include "gpu/calibrator/rounds.h"

namespace moeplan {

// The worker itself gave a plain answer that asking again would not change.
bool is_final(AnswerKind kind);

class CalibrationRun {
public:
    CalibrationRun(const CalibrateSettings& settings, const CalibrateTools& tools, RunControl& control,
                   const OnProgress& on_progress)
        : settings_(settings),
          tools_(tools),
          control_(control),
          on_progress_(on_progress),
          worker_(settings.worker, settings.times) {}

    Result<Calibration> run();

private:
    using Clock = std::chrono::steady_clock;

    Result<void> open();
    Result<void> open_journal(const WorkerHello& hello);
    Result<void> same_device(const WorkerHello& hello) const;
    void note_changes(const WorkerHello& hello);
    void use_journal_of_other_plan();
    void loop();
    void round(const std::vector<Choice>& choices);
    void settle(const std::vector<Choice>& choices, const std::vector<std::optional<JournalEntry>>& ended);
    // Nothing when the run has to stop.
    std::optional<JournalEntry> attempt(const Choice& choice, std::int64_t id, bool first);
    std::optional<JournalEntry> from_journal(const Kernel& kernel);
    std::optional<JournalEntry> from_worker(const Kernel& kernel, std::int64_t id);
    bool ensure_worker();
    void worker_did(AnswerKind kind, const std::string& message);
    bool may_go_on();
    double seconds_used() const;
    void tell(const std::string& probe, const JournalEntry* answer = nullptr);
    Calibration finish();

    const CalibrateSettings& settings_;
    const CalibrateTools& tools_;
    RunControl& control_;
    const OnProgress& on_progress_;
    ProbeWorker worker_;
    Clock::time_point start_ = Clock::now();

    JournalHeader header_;
    std::optional<Journal> journal_;
    CalibrationPlan plan_;
    std::optional<Rounds> rounds_;
    std::vector<JournalEntry> entries_;
    // Attempts the journal holds and this run has not gone through yet, by kernel, in their order.
    std::unordered_map<std::string, std::deque<JournalEntry>> known_;

    double journaled_s_ = 0;          // of the attempts taken from the journal
    std::int64_t asked_ = 0, failed_ = 0, reused_ = 0;
    int failures_in_a_row_ = 0;
    std::optional<StopReason> stop_;
    Problems problems_;
    std::vector<std::string> notes_;
};

}  // namespace moeplan
