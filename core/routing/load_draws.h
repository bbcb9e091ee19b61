#pragma once
// Internal to routing: the Monte Carlo behind build_expert_load_table, one function per kind of routing.
// Each returns one ExpertLoad per token count of `grid`, averaged over layers and draws.

#include <cstdint>
#include <vector>

#include "core/routing/moment.h"
#include "core/routing/placement.h"
#include "core/routing/routing.h"

namespace moeplan::load_draws {

struct Job {
    const RoutingProfile& profile;
    std::int64_t ranks;
    const PlacementSpec& placement;
    std::uint64_t seed;
    const std::vector<double>& grid;  // whole token counts, ascending
    const RoutingMoment* moment = nullptr;  // null: every row as it is, placed by its own popularity

    LayerPlacement place(std::size_t row, const std::vector<double>& load) const {
        return moment ? moment->places[row] : place_experts(load, ranks, placement);
    }
};

// Tokens independent of each other, p_e the chance that a token uses expert e.
std::vector<ExpertLoad> independent_tokens(const Job& job);

// Tokens resampled from the profile's trace.
std::vector<ExpertLoad> recorded_tokens(const Job& job, TokenMix mix);

// How many loads of a bounded power law are averaged, and each of them at a reference step, as p.
std::size_t power_law_draws(std::int64_t experts);
std::vector<std::vector<double>> power_law_popularity(const RoutingProfile& profile, std::uint64_t seed);

// Loads drawn anew from a bounded power law for every token count.
std::vector<ExpertLoad> power_law_tokens(const Job& job);

// What one draw's loads per expert do to ranks.
struct Snapshot {
    double busiest_pairs = 0, busiest_activated = 0, hottest_pairs = 0;
};

// Of the rank with most pairs (ties: most activated slots). Whole loads are dealt to replicas in turn.
Snapshot whole_snapshot(const LayerPlacement& place, const std::vector<std::int32_t>& counts);

// The same for fractional loads, replicas sharing alike; busiest_activated is left to the caller.
struct MeanSnapshot {
    Snapshot snapshot;
    std::size_t busiest_rank = 0;
};
MeanSnapshot mean_snapshot(const LayerPlacement& place, const std::vector<double>& loads);

}  // namespace moeplan::load_draws
