#pragma once
// Internal to experts: what it takes to bring experts from where they lie to where they shall lie.

#include <vector>

#include "core/analyse/prepare.h"
#include "core/routing/placement.h"

namespace moeplan {

struct WeightMoves {
    double copies = 0;   // experts that came to a rank which held no copy, mean over rows
    Seconds time;        // until the busiest GPU has sent and received them all
};

// One placement per row of the routing, before and after; rows stand for the model's MoE layers in turn, and the stages
// of a pipeline move theirs side by side. A copy comes from the nearest rank that held the expert, among equals from
// the one that has sent least. Within a node it travels over the scale-up link (PCIe where there is none), between nodes
// over the network, each at the rate collectives reach; the wires work side by side, both ways at once. An expert that
// was on the rank before is copied in its own memory, in no time.
// Errors: no rate is known of a wire that is needed.
Result<WeightMoves> weight_moves(const Prepared& candidate, const std::vector<LayerPlacement>& before,
                                 const std::vector<LayerPlacement>& after);

// Bytes of one expert of one layer on one GPU.
Bytes expert_bytes(const Prepared& candidate);

}  // namespace moeplan
