#pragma once
// An observer of prefill and decode pools: what each did over the time the recorder's figures are over.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "sim/measure/measured.h"
#include "sim/measure/time_bins.h"
#include "sim/request/observer.h"

namespace moeplan {

class PoolWatch final : public Observer {
public:
    // The pool of each replica, counted from 0; -1: in none.
    explicit PoolWatch(std::vector<std::int32_t> pool_of);

    void arrived(std::uint64_t id, const Arrival& request) override;
    void ended(const RequestRecord& record) override;
    void decoded(const DecodeRun& run) override;
    void stepped(const PromptStep& step) override;
    void state(const ReplicaState& now) override;
    void happened(Happening what, std::int32_t replica, std::optional<std::uint64_t> request, Ticks at, Ticks until) override;

    // Once, when the run is over. `all`: what the recorder found; its window is taken.
    std::vector<MeasuredPool> finish(const Measured& all);

private:
    // waiting: for a prompt to be taken up; delivered: from a cache's arrival to the last token
    enum Level : std::size_t { busy, running, waiting, delivered, kv_used, kv_total, sending, link_waiting, there, kLevels };
    struct Track {
        ReplicaState last{};
        Ticks step_start = kNever;   // first step since the last state
        std::int64_t in_steps = 0;   // most requests in a step since then
        std::int64_t decodes = 0;    // steps in a row that only decode since then
        Ticks prompts_done = 0;      // end of the last step with prompts
        Ticks there_from = 0;        // kNever while it is lost
    };

    void seen(Ticks at) { last_ = at != kNever && at > last_ ? at : last_; }
    TimeBins* bins_of(std::int32_t replica);

    std::vector<std::int32_t> pool_of_;
    std::vector<Track> tracks_;
    std::unordered_map<std::uint64_t, Ticks> arrives_;   // by request: when its cache is there
    std::vector<TimeBins> bins_;     // one a pool
    Ticks first_ = kNever, last_ = 0;
};

}  // namespace moeplan
