#pragma once
// Internal to experts: where experts lie, and the loads that follow.

#include <cstdint>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "core/analyse/prepare.h"
#include "sim/experts/popularity_walk.h"
#include "sim/experts/weight_moves.h"

namespace moeplan {

// Mean over rows of the busiest rank's load over the mean rank's.
double busiest_over_mean(const std::vector<std::vector<double>>& p, const std::vector<LayerPlacement>& places);

// Popularity over an interval, by how long each form of it lasted.
class SeenPopularity {
public:
    void add(const PopularityWalk& walk, double length);
    void clear() { mixed_.clear(); }
    // Requires: something was added since the last clear().
    std::vector<std::vector<double>> mean() const;

private:
    std::int64_t state_ = 0;
    bool one_state_ = true;
    double length_ = 0;
    std::vector<std::vector<double>> first_, mixed_;   // mixed: sum of p x length
};

class PlacedLoads {
public:
    // Experts lie as `first` says, by the popularity that the candidate was prepared with.
    PlacedLoads(const Prepared& candidate, const PopularityWalk& walk, const PlacementSpec& first, std::uint64_t seed);

    struct Load {
        std::shared_ptr<const ExpertLoadTable> table;
        double imbalance = 1;
    };
    // The candidate's own table until something changes. Loads of equal imbalance (kAlike) share a table: layers and
    // skew are the same, and what else differs is chance.
    Load load(const PopularityWalk& walk);

    // Experts placed anew by what was seen, each row only if its busiest rank's share of that becomes less.
    // Errors: weight_moves().
    Result<WeightMoves> rebalance(const std::vector<std::vector<double>>& seen, std::int64_t redundant);

    const std::vector<LayerPlacement>& places() const { return places_; }

private:
    using Alike = std::tuple<std::size_t, std::int64_t, std::int64_t>;  // profile, slots of a rank, step of imbalance
    Alike alike(const PopularityWalk& walk, double imbalance) const;

    const Prepared& candidate_;
    std::uint64_t seed_;
    std::vector<LayerPlacement> places_;
    bool moved_ = false;
    std::vector<std::vector<double>> placed_by_;  // what was seen at the last rebalance
    std::map<Alike, std::shared_ptr<const ExpertLoadTable>> tables_;
};

}  // namespace moeplan
