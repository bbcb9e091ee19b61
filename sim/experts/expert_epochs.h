#pragma once
// How evenly experts are loaded as time goes by: popularity drifts, and rebalancing places experts anew by what it saw.
// Between two epochs nothing changes, so a simulation needs one table of step times for each table of loads.
// docs/routing.md, "Over time".

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/analyse/prepare.h"
#include "core/scenario/simulate_spec.h"

namespace moeplan {

struct ExpertEpoch {
    Seconds from;  // of simulated time
    std::shared_ptr<const ExpertLoadTable> load;  // null for dense models; epochs that load experts alike share one
    Seconds pause;  // the replica stands still at its start while weights move; 0 = none moved
    double moved_experts = 0;  // copies that changed their rank, mean over layers
    double imbalance = 1;  // hottest rank over mean for many tokens, mean over layers
};

constexpr std::int64_t kMostEpochs = 10'000;
// A table of expert loads takes milliseconds and has its own sampling noise, so epochs whose ranks are as uneven as
// each other's to within this share share one table.
constexpr double kAlike = 0.01;
// Of a recording; then it starts again.
constexpr std::int64_t kMostWindows = 32;

// Epochs that cover [0, horizon], the first from 0; drift and rebalancing may both be absent (one epoch, the
// candidate's own table). A change that changes nothing (uniform popularity, a placement that cannot be bettered) begins no epoch.
//
// Drift: at every `every` each expert joins with chance `share`, and the popularity of those that joined is dealt anew
// among them, in every layer on its own. So the skew stays as it is and popularity t later resembles today's by
// (1 - share)^(t / every). A token trace drifts as it was recorded: its consecutive windows, one for every `every`
// (`share` is not used).
// Rebalancing: at every `every` a layer's experts are placed as PlacementKind::eplb does by their mean popularity over
// the interval before, and stay where they are if that would not lower the busiest rank's share of it.
// `redundant` slots, or those of the candidate's own eplb placement where there are more (rebalanced_redundancy), are
// counted in memory by whoever prepares the candidate; they stay empty until the first rebalance.
// Without expert parallelism no drift of popularity is felt; a dense model knows neither.
//
// `routing` (its files found from here: anchored()), `seed` and `placement` are those the candidate was prepared with;
// placement absent = the candidate's own, contiguous where it has none. Same arguments, same epochs.
// Errors: an interval that is not positive; a share outside 0 … 1; drift of a trace too short for two windows (of 16
// tokens for each expert in turn); rebalancing without expert parallelism, or with more slots than can hold copies; no
// known link to move weights over; 10,000 changes or more. Blamed on the candidate's line.
Result<std::vector<ExpertEpoch>> expert_epochs(const Prepared& candidate, const RoutingSpec& routing,
                                               const std::optional<DriftSpec>& drift,
                                               const std::optional<RebalanceSpec>& rebalance, Seconds horizon,
                                               std::uint64_t seed,
                                               const std::optional<PlacementSpec>& placement = std::nullopt);

// Redundant slots over all ranks of a layer once experts are rebalanced.
std::int64_t rebalanced_redundancy(const PlacementSpec& placement, const RebalanceSpec& rebalance);

}  // namespace moeplan
