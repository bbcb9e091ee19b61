#pragma once
// Internal to experts: the loads of popularities under placements, each built once.

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "core/analyse/prepare.h"
#include "sim/experts/popularity_states.h"
#include "sim/experts/weight_moves.h"

namespace moeplan {

// Popularity seen over an interval: how long each state lasted.
using Seen = std::map<std::size_t, std::int64_t>;

class PlacedLoads {
public:
    // Placement 0 is `first`, by the candidate's own popularity: those two together load experts as its own table says.
    PlacedLoads(const Prepared& candidate, const PopularityStates& states, const PlacementSpec& first, std::uint64_t seed);

    struct Load {
        std::shared_ptr<const ExpertLoadTable> table;
        double imbalance = 1;
    };
    const Load& load(std::size_t state, std::size_t placement);
    std::size_t tables() const { return loads_.size(); }

    struct Rebalanced {
        std::size_t placement = 0;
        WeightMoves moves;
    };
    // Experts placed anew by what was seen, each row only if its busiest rank's share of that becomes less.
    // Errors: weight_moves().
    Result<Rebalanced> rebalance(const Seen& seen, std::size_t placement, std::int64_t redundant);

private:
    std::vector<std::vector<double>> mean_popularity(const Seen& seen) const;
    std::size_t id_of(std::vector<LayerPlacement> places);

    const Prepared& candidate_;
    const PopularityStates& states_;
    std::uint64_t seed_;
    std::vector<std::vector<LayerPlacement>> placements_;
    std::map<std::pair<std::size_t, std::size_t>, Load> loads_;
    std::map<std::pair<Seen, std::size_t>, Rebalanced> rebalanced_;
};

}  // namespace moeplan
