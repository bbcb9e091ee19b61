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

}  // namespace

ExpertLoadTable build_expert_load_table(const RoutingProfile& profile, std::int64_t ranks,
                                        const PlacementSpec& placement, std::uint64_t seed, TokenMix mix) {
    require(ranks > 0 && !profile.p.empty(), "routing must be resolved and ranks positive");
    const auto grid = token_grid();
    auto loads = draw({profile, ranks, placement, seed, grid}, mix);
    for (std::size_t i = 0; i < grid.size(); ++i) {
        const double mean = grid[i] * static_cast<double>(profile.top_k) / static_cast<double>(ranks);
        if (ranks == 1) {
            loads[i].busiest_pairs = mean;
            loads[i].busiest_activated = loads[i].activated;
        }
        loads[i].imbalance = std::max(1.0, loads[i].busiest_pairs / mean);
    }
    return {grid, std::move(loads), static_cast<double>(slots_per_rank(profile.experts, ranks, placement))};
}

}  // namespace moeplan
