#pragma once
// Requests through a cluster in simulated time: a source, a router, replicas, and what happens to them.
//
// At each moment, in this order: steps end, replicas change (lost, returned, scaled, weights moved), caches arrive, requests
// arrive, and then every replica that is free composes its next step. Equal options, equal source, same result to the tick.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/scenario/simulate_spec.h"
#include "sim/replica/replica.h"

namespace moeplan {

// Step times from this moment on; the replicas stand still for `pause` first.
struct TimesEpoch {
    Ticks from = 0;
    std::shared_ptr<StepTimes> times;
    Ticks pause = 0;
};

struct PoolOptions {
    std::int64_t prefill = 1;     // the first replicas of the group; the others decode
    Ticks latency = 0;
    Ticks per_token = 0;          // of KV cache over one replica's link; transfers of a replica follow each other
    // Of the replicas that decode, where they differ from the group's.
    struct Decode {
        EngineLimits limits;
        std::vector<TimesEpoch> epochs;    // the first from 0
    };
    std::optional<Decode> decode{};
};

struct AutoscaleOptions {
    std::int64_t least = 1, most = 1;
    double up_above = 0, down_below = 0;   // requests per serving replica
    Ticks every = 0;
    Ticks cold_start = 0;
};

// Replicas that are alike, and which requests are for them.
struct GroupOptions {
    std::string name;
    EngineLimits limits;
    Scheduler scheduler = Scheduler::vllm;
    std::vector<TimesEpoch> epochs;        // the first from 0
    std::int64_t replicas = 1;             // with autoscaling: the most
    Ticks request_overhead = 0;            // from arrival to the scheduler
    std::int64_t context = 0;              // tokens a request of the model may have; 0 = not stated. Longer ones are counted
    std::optional<PoolOptions> pools;
    std::optional<AutoscaleOptions> autoscale;
    RequestFilter takes;
};

struct FaultOptions {
    std::int64_t replica = 0;              // over all groups, in order
    Ticks at = 0;
    Ticks back = kNever;
};

struct ClusterOptions {
    std::vector<GroupOptions> groups;      // a request goes to the first that takes it; the last takes what is left
    Router router = Router::least_loaded;
    std::optional<std::int64_t> queue_limit;   // waiting in one replica
    std::optional<Ticks> timeout;              // without a first token
    std::vector<FaultOptions> faults;
    std::uint64_t seed = 1;
    bool skip = true;
};

struct GroupResult {
    std::uint64_t requests = 0;
    // Summed over replicas, which may be more than Ticks hold.
    double paid_s = 0;         // replica time, cold starts and losses included
    double decode_paid_s = 0;  // of `paid_s`, that of replicas which only decode
    double busy_s = 0;         // replica time in steps
    std::uint64_t steps = 0;
};

struct ClusterResult {
    std::vector<GroupResult> groups;
    Ticks first_arrival = 0, last_end = 0;
    std::uint64_t arrived = 0, unfinished = 0;
    std::uint64_t never_fit = 0;           // rejected: larger than the cache of a replica
    std::int64_t largest_never_fit = 0;    // its tokens
    std::uint64_t beyond_context = 0;      // longer than their model's context, and served all the same
    std::uint64_t events = 0;
};

// Observers outlive the call; they are told in order. Errors: the source's problems; "cancelled"; simulated time beyond
// the clock (kLongestSimulation_s).
Result<ClusterResult> simulate(const ClusterOptions& options, RequestSource& source, const std::vector<Observer*>& observers, RunControl& control);

}  // namespace moeplan
