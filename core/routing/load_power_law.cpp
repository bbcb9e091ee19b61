#include <numeric>

#include "core/routing/distributions.h"
#include "core/routing/load_draws.h"

namespace moeplan::load_draws {
namespace {
// The benchmarks average five draws of unknown seed; more here only make the expectation steadier.
constexpr std::size_t kDraws = 16;
}  // namespace

std::vector<ExpertLoad> power_law_tokens(const Job& job) {
    const double top_k = static_cast<double>(job.profile.top_k);
    std::vector<ExpertLoad> result(job.grid.size());
    std::vector<std::int32_t> counts(static_cast<std::size_t>(job.profile.experts));
    for (std::size_t point = 0; point < job.grid.size(); ++point) {
        const double n = job.grid[point];
        ExpertLoad& sum = result[point];
        for (std::size_t draw = 0; draw < kDraws; ++draw) {
            // One stream per draw, the same for all token counts: the curve over tokens is smooth.
            const auto loads = whole_loads(power_law_loads(n, job.profile.experts, top_k, *job.profile.power_law_alpha,
                                                           Rng(job.seed, draw, 0)),
                                           n * top_k, n);
            for (std::size_t e = 0; e < counts.size(); ++e) {
                counts[e] = static_cast<std::int32_t>(loads[e]);
                sum.activated += counts[e] > 0 ? 1.0 : 0.0;
            }
            const auto s = whole_snapshot(place_experts(loads, job.ranks, job.placement), counts);
            sum.busiest_pairs += s.busiest_pairs;
            sum.busiest_activated += s.busiest_activated;
            sum.hottest_pairs += s.hottest_pairs;
        }
        for (double* value : {&sum.activated, &sum.busiest_pairs, &sum.busiest_activated, &sum.hottest_pairs}) {
            *value /= static_cast<double>(kDraws);
        }
    }
    return result;
}

}  // namespace moeplan::load_draws
