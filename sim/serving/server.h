#pragma once
// A prepared candidate as replicas of a simulated cluster.

#include <array>
#include <memory>
#include <vector>

#include "core/analyse/evaluate.h"
#include "core/analyse/pools.h"
#include "core/report/simulation_report.h"
#include "sim/cluster/cluster.h"
#include "sim/experts/expert_epochs.h"
#include "sim/serving/step_pricer.h"

namespace moeplan {

// The engine's own scheduler, unless the study names one.
Scheduler scheduler_of(const EngineSpec& engine, Scheduler wanted);

struct ServerOptions {
    SimulateSpec simulate;
    RoutingSpec routing;                   // of the candidate, files found from the study
    PlacementSpec placement;
    std::int64_t prefix_block_tokens = 0;  // of the requests
    Seconds horizon{0};                    // drift and rebalancing are worked out this far
    std::uint64_t seed = 1;
};

struct ServerPools {
    const PreparedPools* pools = nullptr;
    const PoolMemory* memory = nullptr;
};

class Server {
public:
    // What `candidate`, `pools` and `source` point to outlives it. `evaluation`: of the candidate at its load; it fits. `pools`
    // and `memory`: where the candidate has pools; they fit.
    // Errors: the study's wishes do not go with the candidate (pools that are not its replicas, links nobody knows), at
    // the candidate's line.
    static Result<std::unique_ptr<Server>> make(const Prepared& candidate, const Evaluation& evaluation, const ServerOptions& options,
                                                const CostSource& source, ServerPools pools = {});

    const Prepared& candidate() const { return *candidate_; }
    // Sets the step times and overheads of this edge of the intervals and gives the group. One run at a time.
    const GroupOptions& group(StepCase which);
    // Of the cost source, while it ran.
    Problems problems() const;
    // Of the replicas that decode, where others prefill.
    const std::vector<ExpertEpoch>& epochs() const { return sides_.back().epochs; }
    // Of all GPUs, of what the group paid for.
    double gpu_seconds(const GroupResult& result) const;
    std::int64_t replicas() const { return group_.replicas; }
    // What is known of its pools before a run; empty without.
    std::vector<SimulatedPool> pools() const;
    // Tokens of the longest request there is room for.
    std::int64_t longest_request() const;

private:
    // Replicas that are alike.
    struct Side {
        const Prepared* candidate = nullptr;
        Footprint memory;
        EngineLimits limits;
        std::vector<ExpertEpoch> epochs;
        std::vector<TimesEpoch> times;
        std::vector<std::unique_ptr<StepPricer>> pricers;   // one for each table of expert loads
    };

    Server(const Prepared& candidate, const CostSource& source) : candidate_(&candidate), source_(&source) {}
    Result<void> set_pools(const ServerOptions& options, ServerPools pools);
    Result<void> set_autoscale(const Evaluation& e, const ServerOptions& options);
    Result<void> set_epochs(Side& side, const ServerOptions& options);

    const Prepared* candidate_;
    const CostSource* source_;
    std::vector<Side> sides_;   // one; with pools those that prefill, then those that decode
    GroupOptions group_;
};

// The limits of one replica's engine. Blocks: what the cache holds of the workload's sequences at their longest, so that
// windows and linear states count as they do in the closed form.
EngineLimits engine_limits(const Prepared& candidate, const Evaluation& evaluation, const SimulateSpec& simulate);

}  // namespace moeplan
