#pragma once
// Which rank holds which expert. A layer has slots = ranks x slots_per_rank; a slot holds one expert's
// weights.

#include <cstdint>
#include <vector>

#include "core/routing/routing.h"

namespace moeplan {

struct LayerPlacement {
    std::vector<std::int32_t> slot_expert;   // experts of rank 0, then of rank 1, ...
    std::vector<std::int32_t> rank_begin;    // ranks + 1: where each rank's slots start
    std::vector<std::int32_t> replicas;      // per expert: slots that hold it (>= 1)
    std::vector<std::int32_t> slot_replica;  // per slot: which of its expert's replicas it is
    std::int64_t ranks() const { return static_cast<std::int64_t>(rank_begin.size()) - 1; }
    std::int64_t fullest() const;  // slots of the rank with most
    bool operator==(const LayerPlacement&) const = default;
};

// Slots of the fullest rank. Without redundancy ceil(experts / ranks): where ranks don't divide the experts
// the first ranks hold one more. With EPLB (experts + redundant) is padded up to a multiple of the ranks,
// and the padding holds further replicas.
std::int64_t slots_per_rank(std::int64_t experts, std::int64_t ranks, const PlacementSpec& spec);

// `load` is the mean load of each expert of this layer (any scale); contiguous and round_robin ignore it.
//   contiguous   experts in order, whole blocks per rank
//   round_robin  expert e on rank e mod ranks
//   balanced     heaviest first, each to the least loaded rank that has a free slot
//   eplb         replicas go one by one to the expert with the largest load per replica (never more than
//                ranks), then packed as balanced does, two replicas of one expert on one rank only if nothing
//                else is free. A replica takes an equal share of its expert's load.
// Source: the greedy replication and packing described for DeepSeek-V3 (arXiv 2412.19437, section 3.4).
LayerPlacement place_experts(const std::vector<double>& load, std::int64_t ranks, const PlacementSpec& spec);

// Load of each rank relative to its fair share (1 = fair) where experts of these loads lie so.
std::vector<double> rank_shares(const std::vector<double>& load, const LayerPlacement& place);

// Mean load of each rank relative to its fair share (1 = fair), over all layers of the profile.
std::vector<double> rank_shares(const RoutingProfile& profile, std::int64_t ranks, const PlacementSpec& spec);
// The same for each distinct layer: [layer][rank].
std::vector<std::vector<double>> rank_shares_per_layer(const RoutingProfile& profile, std::int64_t ranks,
                                                       const PlacementSpec& spec);

}  // namespace moeplan
