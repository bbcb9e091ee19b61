#pragma once
// How evenly experts are loaded as time goes by: popularity drifts, and rebalancing places experts anew by what it saw.
// Between two epochs nothing changes, so a simulation needs one table of step times for each.

#include <memory>
#include <optional>
#include <vector>

#include "core/analyse/prepare.h"
#include "core/scenario/simulate_spec.h"

namespace moeplan {

struct ExpertEpoch {
    Seconds from;                 // of simulated time
    std::shared_ptr<const ExpertLoadTable> load;
    Seconds pause;                // the replica stands still at its start while weights move; 0 = no rebalance
    double moved_experts = 0;     // copies that changed their rank, mean over layers
    double imbalance = 1;         // hottest rank over mean for many tokens
};

// Epochs that cover [0, horizon], the first from 0; drift and rebalancing may both be absent (one epoch, the candidate's
// own table). `redundant` slots of a rebalance are counted in memory by whoever prepares the candidate.
// Errors: drift of a routing that is a recording without popularity; rebalancing without expert parallelism; more than
// 10,000 epochs. Blamed on the candidate's line.
Result<std::vector<ExpertEpoch>> expert_epochs(const Prepared& candidate, const RoutingSpec& routing, const std::optional<DriftSpec>& drift,
                                               const std::optional<RebalanceSpec>& rebalance, Seconds horizon, std::uint64_t seed);

}  // namespace moeplan
