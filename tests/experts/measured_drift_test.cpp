// Does drift do to a placement what another workload does? Experts are placed by what one dataset was measured to use
// and serve another; drift is told only how much the two resemble each other.
// Source: tests/data/routing/README.md, scenarios/routing/README.md.
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "sim/experts/placed_loads.h"
#include "sim/experts/popularity_walk.h"
#include "tests/experts/support.h"

using namespace moeplan;

namespace {

using Popularity = std::vector<std::vector<double>>;

const std::string kRoot = MOEPLAN_SOURCE_DIR;

// Pearson's, over all layers.
double likeness(const Popularity& a, const Popularity& b) {
    double n = 0, sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;
    for (std::size_t row = 0; row < a.size(); ++row) {
        for (std::size_t e = 0; e < a[row].size(); ++e) {
            n += 1;
            sum_a += a[row][e];
            sum_b += b[row][e];
            aa += a[row][e] * a[row][e];
            bb += b[row][e] * b[row][e];
            ab += a[row][e] * b[row][e];
        }
    }
    return (n * ab - sum_a * sum_b) / std::sqrt((n * aa - sum_a * sum_a) * (n * bb - sum_b * sum_b));
}

std::vector<LayerPlacement> placed_by(const Popularity& p, std::int64_t ranks) {
    std::vector<LayerPlacement> places;
    for (const auto& row : p) places.push_back(place_experts(row, ranks, {PlacementKind::eplb, 0}));
    return places;
}

// Serving `profile` where experts lie as its popularity of one drift ago had it, mean of 20 drifts.
double drifted(const RoutingProfile& profile, double share, std::int64_t ranks) {
    double mean = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        auto walk = PopularityWalk::make(profile, DriftSpec{Seconds{1}, share}, seed);
        REQUIRE(walk);
        walk->drift();
        mean += busiest_over_mean(profile.p, placed_by(walk->p(), ranks)) / 20;
    }
    return mean;
}

struct Model {
    std::string file;
    std::vector<std::string> datasets;
    std::int64_t experts, top_k, layers;
};

struct Errors {
    double mean = 0, worst = 0;
};

Errors compared(const Model& model, std::int64_t ranks) {
    std::vector<RoutingProfile> profiles;
    for (const auto& dataset : model.datasets) {
        auto profile = resolve_routing(CountsRouting{kRoot + "/" + model.file, "", dataset}, model.experts, model.top_k,
                                       model.layers, 1);
        INFO(problems_of(profile));
        REQUIRE(profile);
        profiles.push_back(std::move(*profile));
    }
    Errors errors;
    double pairs = 0;
    for (const auto& placed : profiles) {
        for (const auto& served : profiles) {
            if (&placed == &served) continue;
            const double measured = busiest_over_mean(served.p, placed_by(placed.p, ranks));
            const double share = std::min(1.0, 1 - likeness(placed.p, served.p));
            const double error = std::abs(drifted(served, share, ranks) / measured - 1);
            errors.mean += error;
            errors.worst = std::max(errors.worst, error);
            pairs += 1;
        }
    }
    errors.mean /= pairs;
    return errors;
}

}  // namespace

TEST_CASE("drift makes a placement as uneven as another dataset does, DeepSeek-V2-Lite on 8 ranks") {
    const auto errors =
        compared({"scenarios/routing/deepseek_v2_lite.csv", {"law", "intent", "summary"}, 64, 6, 26}, 8);
    INFO("mean " << errors.mean << ", worst " << errors.worst);
    CHECK(errors.mean < 0.04);
    CHECK(errors.worst < 0.08);
}

TEST_CASE("drift makes a placement as uneven as another dataset does, gpt-oss-20b on 4 and 8 ranks") {
    const std::int64_t ranks = GENERATE(4, 8);
    const auto errors = compared({"tests/data/routing/gpt_oss_20b_datasets.csv",
                                  {"gpqa_main", "mmlu_test", "mmlu_pro_test", "mmlu_validation", "sorry_bench_base"},
                                  32,
                                  4,
                                  6},
                                 ranks);
    INFO(ranks << " ranks: mean " << errors.mean << ", worst " << errors.worst);
    CHECK(errors.mean < 0.06);
    CHECK(errors.worst < 0.15);
}
