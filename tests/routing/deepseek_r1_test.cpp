// What the published DeepSeek-R1 figures allow to check: no per-expert counts are public, only their spread.
// Source: NVIDIA/TensorRT-LLM, tech blog 4 "Scaling Expert Parallelism in TensorRT-LLM": 256 experts, top-8,
// 32 ranks, decode, averages over layers and iterations: per expert slot 128 +- 164.1 tokens, largest 11.948
// x the mean; per rank 1024 +- 491.6 tokens, largest 2.564 x the mean.
#include "tests/support/catch.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/routing/placement.h"
#include "core/routing/rng.h"

using namespace moeplan;

namespace {

// 256 log-normal quantiles, the largest set to max_over_mean, mean 1; the width is solved for the deviation.
std::vector<double> loads_with(double max_over_mean, double deviation) {
    std::vector<double> loads;
    double low = 0.01, high = 3;
    for (int i = 0; i < 80; ++i) {
        const double sigma = (low + high) / 2;
        loads.assign(256, 0.0);
        double sum = 0;
        for (std::size_t e = 0; e < 255; ++e) {
            loads[e] = std::exp(sigma * normal_quantile((static_cast<double>(e) + 0.5) / 255));
            sum += loads[e];
        }
        double square = 0;
        for (std::size_t e = 0; e < 255; ++e) loads[e] *= (256 - max_over_mean) / sum;
        loads[255] = max_over_mean;
        for (double x : loads) square += (x - 1) * (x - 1) / 256;
        (std::sqrt(square) < deviation ? low : high) = sigma;
    }
    return loads;
}

struct Spread {
    double max_over_mean = 0, deviation = 0;
};

Spread rank_spread(const std::vector<double>& loads, std::size_t layers) {
    Spread mean;
    for (std::size_t layer = 0; layer < layers; ++layer) {
        RoutingProfile profile;
        profile.experts = 256;
        profile.top_k = 8;
        profile.p = {loads};
        Rng rng(11, layer, 0);
        shuffle(profile.p[0], rng);
        const auto shares = rank_shares(profile, 32, {PlacementKind::contiguous, 0});
        double square = 0;
        for (double s : shares) square += (s - 1) * (s - 1) / 32;
        mean.max_over_mean += *std::max_element(shares.begin(), shares.end()) / static_cast<double>(layers);
        mean.deviation += std::sqrt(square) / static_cast<double>(layers);
    }
    return mean;
}

}  // namespace

TEST_CASE("expert loads with DeepSeek-R1's published spread give its published rank imbalance") {
    const auto loads = loads_with(11.948, 164.1 / 128);
    REQUIRE(std::accumulate(loads.begin(), loads.end(), 0.0) == Approx(256));
    const Spread ranks = rank_spread(loads, 2000);
    INFO("rank max/mean " << ranks.max_over_mean << ", deviation/mean " << ranks.deviation);
    CHECK(ranks.max_over_mean == Approx(2.564).epsilon(0.10));
    CHECK(ranks.deviation == Approx(491.6 / 1024).epsilon(0.10));
}

TEST_CASE("EPLB with 32 redundant slots levels DeepSeek-R1's published spread") {
    RoutingProfile profile;
    profile.experts = 256;
    profile.top_k = 8;
    profile.p = {loads_with(11.948, 164.1 / 128)};
    const auto before = rank_shares(profile, 32, {PlacementKind::contiguous, 0});
    const auto after = rank_shares(profile, 32, {PlacementKind::eplb, 32});
    CHECK(*std::max_element(after.begin(), after.end()) < 1.05);
    CHECK(*std::max_element(before.begin(), before.end()) > 2);
}
