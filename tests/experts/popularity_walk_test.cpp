// Drift deals popularity anew and leaves its skew alone; a recording drifts as it was recorded.
#include "sim/experts/popularity_walk.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/routing/read_trace.h"
#include "sim/experts/expert_epochs.h"
#include "sim/experts/placed_loads.h"
#include "tests/experts/support.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

RoutingProfile profile_of(const RoutingSpec& spec, std::int64_t experts = 256, std::int64_t top_k = 8) {
    auto profile = resolve_routing(spec, experts, top_k, 58, 7);
    REQUIRE(profile);
    return with_lasting_rows(std::move(*profile), 7);
}

PopularityWalk walk_of(const RoutingSpec& spec, double share) {
    auto walk = PopularityWalk::make(profile_of(spec), DriftSpec{Seconds{1}, share}, 7);
    REQUIRE(walk);
    return std::move(*walk);
}

// Pearson's, over all rows.
double likeness(const std::vector<std::vector<double>>& a, const std::vector<std::vector<double>>& b) {
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

std::vector<std::vector<double>> sorted(std::vector<std::vector<double>> rows) {
    for (auto& row : rows) std::sort(row.begin(), row.end());
    return rows;
}

// Sequences one after the other: the first half of the tokens uses experts 0 and 1 mostly, the second 6 and 7.
std::string recording(int tokens) {
    std::string text = "sample,gen_token_idx,layer,e0,e1\n";
    for (int t = 0; t < tokens; ++t) {
        const bool late = t >= tokens / 2;
        for (int layer = 0; layer < 2; ++layer) {
            const int a = t % 4 == 0 ? t / 4 % 8 : (late ? 6 : 0);
            const int b = (late ? 7 : 1) == a ? (a + 1) % 8 : (late ? 7 : 1);
            text += std::to_string(t / 16) + "," + std::to_string(t % 16) + "," + std::to_string(layer) + "," +
                    std::to_string(a) + "," + std::to_string(b) + "\n";
        }
    }
    return text;
}

}  // namespace

TEST_CASE("drift keeps every layer's popularities, only whose they are changes") {
    const RoutingSpec spec =
        GENERATE(RoutingSpec{ZipfRouting{1}}, RoutingSpec{PowerLawRouting{1.2}}, RoutingSpec{DirichletRouting{0.5}});
    PopularityWalk walk = walk_of(spec, 0.3);
    const auto first = sorted(walk.p());
    for (int i = 0; i < 20; ++i) {
        walk.drift();
        CHECK(sorted(walk.p()) == first);
        CHECK(walk.state() == i + 1);
    }
}

TEST_CASE("popularity resembles what it was by one minus the share, once for each drift") {
    PopularityWalk walk = walk_of(ZipfRouting{0.6}, 0.2);
    const auto first = walk.p();
    double expected = 1;
    for (int i = 0; i < 8; ++i) {
        walk.drift();
        expected *= 0.8;
        INFO("after " << i + 1 << " drifts");
        CHECK(likeness(first, walk.p()) == Approx(expected).margin(0.06));
    }
}

TEST_CASE("a share of nothing drifts nowhere, and neither does uniform popularity") {
    PopularityWalk still = walk_of(ZipfRouting{1}, 0);
    PopularityWalk uniform = walk_of(UniformRouting{}, 1);
    for (int i = 0; i < 5; ++i) {
        still.drift();
        uniform.drift();
    }
    CHECK(still.state() == 0);
    CHECK(uniform.state() == 0);
}

TEST_CASE("what is seen over an interval is weighed by how long it lasted") {
    PopularityWalk walk = walk_of(ZipfRouting{1}, 1);
    const auto first = walk.p();
    SeenPopularity seen;
    seen.add(walk, 3);
    CHECK(seen.mean() == first);
    walk.drift();
    seen.add(walk, 1);
    const auto mean = seen.mean();
    for (std::size_t e = 0; e < 256; ++e) CHECK(mean[4][e] == Approx(0.75 * first[4][e] + 0.25 * walk.p()[4][e]));
    seen.clear();
    seen.add(walk, 2);
    CHECK(seen.mean() == walk.p());
}

TEST_CASE("a placement is never worse than the one before under the popularity it was made for") {
    const RoutingSpec spec =
        GENERATE(RoutingSpec{ZipfRouting{1}}, RoutingSpec{PowerLawRouting{1.2}}, RoutingSpec{DirichletRouting{0.5}});
    const std::int64_t redundant = GENERATE(0, 32);
    const ExpertStudy study("deepseek-v3", attention_parallel(32), spec);
    PopularityWalk walk = walk_of(spec, 0.2);
    PlacedLoads loads(study.candidate(), walk, {}, 7);
    for (int i = 0; i < 6; ++i) {
        SeenPopularity seen;
        for (int k = 0; k < 3; ++k) {
            seen.add(walk, 1);
            walk.drift();
        }
        const auto mean = seen.mean();
        const auto before = loads.places();
        REQUIRE(loads.rebalance(mean, redundant));
        for (std::size_t row = 0; row < mean.size(); ++row) {
            CHECK(busiest_over_mean({mean[row]}, {loads.places()[row]}) <=
                  busiest_over_mean({mean[row]}, {before[row]}));
        }
    }
}

TEST_CASE("a recording drifts from window to window and starts again") {
    auto trace = read_trace_text(recording(256), "recording.csv", {8, 2});
    REQUIRE(trace);
    RoutingProfile profile;
    profile.experts = 8;
    profile.top_k = 2;
    profile.p = marginals(trace->routes);
    profile.trace = trace->routes;
    auto walk = PopularityWalk::make(profile, DriftSpec{Seconds{1}, 0.1}, 7);
    REQUIRE(walk);
    // 16 tokens for each expert in turn are 64 tokens: four windows.
    CHECK(walk->profile().trace->tokens() == 64);
    CHECK(walk->p()[0][0] > 0.7);
    CHECK(walk->p()[0][7] < 0.3);
    const auto first = walk->p();
    for (int i = 0; i < 3; ++i) walk->drift();
    CHECK(walk->p()[0][7] > 0.7);
    CHECK(walk->source() == 3);
    walk->drift();
    CHECK(walk->p() == first);
    CHECK(walk->state() != 0);
}

TEST_CASE("a recording's epochs are its windows, each with its own loads") {
    Scratch scratch;
    const std::string file = scratch.file("recording.csv", recording(256));
    Candidate c = candidate_of("served", "small", "h100_sxm", 4);
    c.layout = attention_parallel(4);
    Scenario scenario = study_of({c});
    scenario.models["small"] = models::model_of(
        "small", 256, 1024, {models::group_of(2, models::gqa(8, 8, 32), models::experts_of(8, 2, 512), 256)});
    scenario.routing = TraceRouting{file};
    const Catalog catalog = hand_made_catalog({hardware::h100()});
    const auto prepared = prepare(scenario, catalog, nullptr);
    INFO(problems_of(prepared));
    REQUIRE(prepared);
    const auto epochs = expert_epochs(prepared->front(), scenario.routing, DriftSpec{Seconds{10}, 0.1},
                                      RebalanceSpec{Seconds{40}, 0}, Seconds{80}, scenario.seed);
    REQUIRE(epochs);
    // Experts 0 and 1 lie together, 6 and 7 too: uneven until the first rebalance takes them apart.
    REQUIRE(epochs->size() >= 4);
    CHECK(epochs->front().load != prepared->front().expert_load);
    CHECK(epochs->front().imbalance > 3);
    CHECK(epochs->back().imbalance < 2.5);

    const auto whole = expert_epochs(prepared->front(), scenario.routing, {}, {}, Seconds{80}, scenario.seed);
    REQUIRE(whole);
    CHECK(whole->front().load == prepared->front().expert_load);

    scenario.routing = TraceRouting{scratch.file("short.csv", recording(64))};
    const auto brief = prepare(scenario, catalog, nullptr);
    REQUIRE(brief);
    const std::string refused = problems_of(
        expert_epochs(brief->front(), scenario.routing, DriftSpec{Seconds{10}, 0.1}, {}, Seconds{80}, scenario.seed));
    CHECK_THAT(
        refused,
        ContainsSubstring("the recording has 64 tokens, too few to drift; expected at least 128 (two windows of 64)"));
    CHECK_THAT(refused, ContainsSubstring("study.yaml:9"));
}
