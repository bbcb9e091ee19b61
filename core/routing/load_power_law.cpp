#include <algorithm>

#include "core/routing/distributions.h"
#include "core/routing/load_draws.h"

namespace moeplan::load_draws {
namespace {
// The benchmarks average five draws of unknown seed; more here only make the expectation steadier.
std::size_t draws_for(std::int64_t experts) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(4096 / experts, 8, 32));
}
}  // namespace

std::vector<ExpertLoad> power_law_tokens(const Job& job) {
    const double top_k = static_cast<double>(job.profile.top_k);
    const bool by_load =
        job.placement.kind == PlacementKind::balanced || job.placement.kind == PlacementKind::eplb;
    const std::size_t draws = draws_for(job.profile.experts);
    std::vector<ExpertLoad> result(job.grid.size());
    std::vector<std::int32_t> counts(static_cast<std::size_t>(job.profile.experts));
    LayerPlacement place = place_experts(job.profile.p.front(), job.ranks, job.placement);
    for (std::size_t draw = 0; draw < draws; ++draw) {
        for (std::size_t point = 0; point < job.grid.size(); ++point) {
            const double n = job.grid[point];
            // One stream per draw, the same for all token counts: the curve over tokens is smooth.
            const auto mean = power_law_loads(n, job.profile.experts, top_k, *job.profile.power_law_alpha,
                                              Rng(job.seed, draw, 0));
            if (by_load) place = place_experts(mean, job.ranks, job.placement);
            const auto loads = whole_loads(mean, n * top_k, n, Rng(job.seed, draw, 1));
            ExpertLoad& sum = result[point];
            for (std::size_t e = 0; e < counts.size(); ++e) {
                counts[e] = static_cast<std::int32_t>(loads[e]);
                sum.activated += counts[e] > 0 ? 1.0 : 0.0;
            }
            const Snapshot s = whole_snapshot(place, counts);
            sum.busiest_pairs += s.busiest_pairs;
            sum.busiest_activated += s.busiest_activated;
            sum.hottest_pairs += s.hottest_pairs;
        }
    }
    for (ExpertLoad& sum : result) {
        for (double* value :
             {&sum.activated, &sum.busiest_pairs, &sum.busiest_activated, &sum.hottest_pairs}) {
            *value /= static_cast<double>(draws);
        }
    }
    return result;
}

}  // namespace moeplan::load_draws
