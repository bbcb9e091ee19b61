#include <algorithm>

#include "core/routing/distributions.h"
#include "core/routing/load_draws.h"

namespace moeplan::load_draws {
namespace {

// One stream per draw, the same for all token counts: the curve over tokens is smooth, and an expert that is
// hot in one step is hot in all.
std::vector<double> loads_of_draw(const RoutingProfile& profile, double tokens, std::uint64_t seed,
                                  std::size_t draw) {
    return power_law_loads(tokens, profile.experts, static_cast<double>(profile.top_k),
                           *profile.power_law_alpha, Rng(seed, draw, 0));
}

std::vector<double> ordered(const std::vector<double>& loads, const std::vector<std::int32_t>& order) {
    std::vector<double> result(loads.size());
    for (std::size_t e = 0; e < loads.size(); ++e) result[e] = loads[static_cast<std::size_t>(order[e])];
    return result;
}

}  // namespace

// The benchmarks average five draws of unknown seed; more here only make the expectation steadier.
std::size_t power_law_draws(std::int64_t experts) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(4096 / experts, 8, 32));
}

std::vector<std::vector<double>> power_law_popularity(const RoutingProfile& profile, std::uint64_t seed) {
    constexpr auto tokens = static_cast<double>(kPowerLawReferenceTokens);
    std::vector<std::vector<double>> rows;
    for (std::size_t draw = 0; draw < power_law_draws(profile.experts); ++draw) {
        rows.push_back(loads_of_draw(profile, tokens, seed, draw));
        for (double& x : rows.back()) x = std::min(1.0, x / tokens);
    }
    return rows;
}

std::vector<ExpertLoad> power_law_tokens(const Job& job) {
    const double top_k = static_cast<double>(job.profile.top_k);
    const bool by_load =
        job.placement.kind == PlacementKind::balanced || job.placement.kind == PlacementKind::eplb;
    const std::size_t draws = power_law_draws(job.profile.experts);
    std::vector<ExpertLoad> result(job.grid.size());
    std::vector<std::int32_t> counts(static_cast<std::size_t>(job.profile.experts));
    LayerPlacement place = place_experts(job.profile.p.front(), job.ranks, job.placement);
    for (std::size_t draw = 0; draw < draws; ++draw) {
        if (job.moment) place = job.moment->places[draw];
        for (std::size_t point = 0; point < job.grid.size(); ++point) {
            const double n = job.grid[point];
            auto mean = loads_of_draw(job.profile, n, job.seed, draw);
            if (job.moment && !job.moment->order.empty()) mean = ordered(mean, job.moment->order[draw]);
            if (by_load && !job.moment) place = place_experts(mean, job.ranks, job.placement);
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
