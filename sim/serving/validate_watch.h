#pragma once
// What a validation asks of a simulated run: means over all requests, and whether requests waited for room.

#include <algorithm>
#include <cstdint>

#include "sim/request/observer.h"

namespace moeplan {

// A request is blocked while steps run that had tokens to spare for it, or while the cache is nearly full: what it lacks is cache or a
// slot. Who came during the step before is not, for that one may have been composed already.
class ValidateWatch final : public Observer {
public:
    // `token_budget` of a whole replica; 0 = no limit. `whole_prompts`: tokens for a whole prompt are to spare, or none.
    ValidateWatch(std::int64_t token_budget, bool whole_prompts) : budget_(token_budget), whole_(whole_prompts) {}

    void ended(const RequestRecord& r) override {
        if (r.ending != Ending::completed) return;
        ++completed_;
        ttft_ += r.ttft_s();
        e2e_ += r.e2e_s();
        last_ = std::max(last_, to_seconds(r.finished));
        if (r.output < 2) return;
        ++decoded_;
        tpot_ += r.tpot_s();
    }
    void decoded(const DecodeRun& run) override {
        const double took = to_seconds(run.end() - run.start);
        blocked_ += took * static_cast<double>(std::min(waiting_, waited_));
        busy_ += took * static_cast<double>(run.sequences);
        steps_ += static_cast<double>(run.count);
    }
    void stepped(const PromptStep& step) override {
        const double took = to_seconds(step.end - step.start);
        const std::int64_t next = whole_ ? step.prompt_tokens / std::max<std::int64_t>(1, step.prompts) : 1;
        const bool spare = budget_ == 0 || step.prompt_tokens + step.decoding + next <= budget_;
        if (spare || full_) blocked_ += took * static_cast<double>(std::max<std::int64_t>(0, std::min(waiting_, waited_) - step.prompts));
        busy_ += took * static_cast<double>(step.prompts + step.decoding);
        steps_ += 1;
        prompt_steps_ += 1;
    }
    void state(const ReplicaState& now) override {
        waited_ = waiting_;
        waiting_ = now.waiting;
        constexpr double kNearly = 0.9;
        full_ = static_cast<double>(now.kv_used) > kNearly * static_cast<double>(now.kv_total);
    }

    std::uint64_t completed() const { return completed_; }
    double ttft_s() const { return mean(ttft_, completed_); }
    double tpot_s() const { return mean(tpot_, decoded_); }
    double e2e_s() const { return mean(e2e_, completed_); }
    double last_s() const { return last_; }
    double running() const { return last_ > 0 ? busy_ / last_ : 0; }
    double prompt_share() const { return steps_ > 0 ? prompt_steps_ / steps_ : 0; }
    // More than half of the time to the first token is spent blocked.
    bool waits() const { return blocked_ > 0.5 * ttft_ && blocked_ > 0; }

private:
    static double mean(double sum, std::uint64_t n) { return n > 0 ? sum / static_cast<double>(n) : 0; }

    std::int64_t budget_;
    bool whole_, full_ = false;
    std::int64_t waiting_ = 0, waited_ = 0;   // after the step before, and after the one before that
    std::uint64_t completed_ = 0, decoded_ = 0;
    double ttft_ = 0, tpot_ = 0, e2e_ = 0, last_ = 0;
    double blocked_ = 0, busy_ = 0, steps_ = 0, prompt_steps_ = 0;
};

}  // namespace moeplan
