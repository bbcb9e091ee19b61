#pragma once
// "Is rebalancing worth it?" in numbers.

#include <cstdint>
#include <vector>

#include "sim/experts/expert_epochs.h"

namespace moeplan {

struct RebalanceSummary {
    double imbalance_with = 1, imbalance_without = 1;   // hottest rank over mean, mean over time
    std::int64_t rebalances = 0;      // that moved weights
    double moved_experts = 0;         // copies per rebalance and layer
    Seconds pause;                    // per rebalance
    double paused_share = 0;          // of the time, 0 … 1
    Bytes extra_memory;               // per GPU, for the slots beyond those without
    // imbalance_without / imbalance_with x (1 - paused_share): what it does to the throughput of an engine whose steps
    // were nothing but the busiest rank's experts. Below 1 rebalancing costs more than it can ever gain; above 1 it may
    // gain up to that much.
    double most_gained = 1;
};

// Of the same candidate and drift with rebalancing and without, over [0, horizon].
// Requires: epochs as expert_epochs() gives them.
RebalanceSummary rebalance_summary(const std::vector<ExpertEpoch>& with, const std::vector<ExpertEpoch>& without,
                                   const Prepared& candidate, Seconds horizon);

}  // namespace moeplan
