#include <algorithm>

#include "core/base/require.h"
#include "core/routing/load_draws.h"

namespace moeplan {
namespace {

// Quarter octaves where curves bend most (an expert's np of 1 to 4), halves and whole octaves beyond: linear
// interpolation stays within 1 % of the curve.
std::vector<double> token_grid() {
    std::vector<double> grid{1, 2, 3};
    for (double octave = 4; octave < 256; octave *= 2) {
        for (double step : {1.0, 1.25, 1.5, 1.75}) grid.push_back(step * octave);
    }
    for (double octave = 256; octave < 4096; octave *= 2) {
        grid.push_back(octave);
        grid.push_back(1.5 * octave);
    }
    for (double octave = 4096; octave <= 262144; octave *= 2) grid.push_back(octave);
    return grid;
}

std::vector<ExpertLoad> draw(const load_draws::Job& job, TokenMix mix) {
    if (job.profile.power_law_alpha) return load_draws::power_law_tokens(job);
    if (job.profile.trace) return load_draws::recorded_tokens(job, mix);
    return load_draws::independent_tokens(job);
}

ExpertLoadTable table_of(const load_draws::Job& job, TokenMix mix, double held_per_rank) {
    auto loads = draw(job, mix);
    for (std::size_t i = 0; i < job.grid.size(); ++i) {
        const double mean =
            job.grid[i] * static_cast<double>(job.profile.top_k) / static_cast<double>(job.ranks);
        if (job.ranks == 1) {
            loads[i].busiest_pairs = mean;
            loads[i].busiest_activated = loads[i].activated;
        }
        loads[i].imbalance = std::max(1.0, loads[i].busiest_pairs / mean);
    }
    return {job.grid, std::move(loads), held_per_rank};
}

}  // namespace

ExpertLoadTable build_expert_load_table(const RoutingProfile& profile, std::int64_t ranks,
                                        const PlacementSpec& placement, std::uint64_t seed, TokenMix mix) {
    require(ranks > 0 && !profile.p.empty(), "routing must be resolved and ranks positive");
    const auto grid = token_grid();
    return table_of({profile, ranks, placement, seed, grid}, mix,
                    static_cast<double>(slots_per_rank(profile.experts, ranks, placement)));
}

ExpertLoadTable build_expert_load_table(const RoutingProfile& profile, const RoutingMoment& moment,
                                        std::uint64_t seed, TokenMix mix) {
    require(!profile.p.empty() && moment.places.size() == profile.p.size(), "one placement for every row");
    require(!profile.power_law_alpha || profile.p.size() == load_draws::power_law_draws(profile.experts),
            "a power law's rows must be those of with_lasting_rows()");
    require(!profile.trace || moment.order.empty(), "a recording's popularity is not dealt anew");
    const auto grid = token_grid();
    double held = 0;
    for (const LayerPlacement& place : moment.places) held = std::max(held, static_cast<double>(place.fullest()));
    const PlacementSpec none;  // placements are given
    const std::int64_t ranks = moment.places.front().ranks();
    if (profile.power_law_alpha || moment.order.empty()) {
        return table_of({profile, ranks, none, seed, grid, &moment}, mix, held);
    }
    RoutingProfile now;
    now.experts = profile.experts;
    now.top_k = profile.top_k;
    now.p = popularity(profile, moment.order);
    return table_of({now, ranks, none, seed, grid, &moment}, mix, held);
}

}  // namespace moeplan
