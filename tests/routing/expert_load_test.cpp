#include "tests/support/catch.h"

#include <algorithm>
#include <cmath>

#include "core/routing/placement.h"
#include "core/routing/routing.h"

using namespace moeplan;

namespace {

RoutingProfile resolved(const RoutingSpec& spec, std::int64_t experts, std::int64_t top_k,
                        std::int64_t layers = 16) {
    auto profile = resolve_routing(spec, experts, top_k, layers, 7);
    REQUIRE(profile);
    return *profile;
}

double choose(double n, double k) {
    return std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1));
}

const std::vector<double> kCounts{1,   2,   3,   5,   8,    13,   31,    64,     100,
                                  128, 129, 190, 300, 1000, 5000, 70000, 262144, 1e6};

}  // namespace

TEST_CASE("one token of top-2 of 8 on 4 ranks meets one rank twice in 1 of 7 cases") {
    // Of the 7 experts left for the second choice one shares the first one's rank: E[max] = 8/7, mean 1/2.
    const auto table = build_expert_load_table(resolved(UniformRouting{}, 8, 2), 4, {}, 1);
    CHECK(table.at(1).imbalance == Approx(16.0 / 7).epsilon(0.04));
    CHECK(table.at(1).hottest_pairs == Approx(1.0));
    CHECK(table.at(1).activated == Approx(2.0));
    CHECK(table.held_per_rank() == 2);
}

TEST_CASE("two tokens of top-8 of 256 share an expert as often as hypergeometric draws do") {
    const auto table = build_expert_load_table(resolved(UniformRouting{}, 256, 8), 1, {}, 1);
    CHECK(table.at(2).hottest_pairs == Approx(2 - choose(248, 8) / choose(256, 8)).epsilon(0.06));
}

TEST_CASE("one token of top-8 of 256 on 32 ranks loads the busiest as a hypergeometric draw does") {
    // P(max = 1) = C(32,8) 8^8 / C(256,8); twos, threes follow: E[max] from P(max >= m) summed exactly by
    // counting ways to spread 8 picks over 32 ranks of 8 with at most m each.
    const auto ways_at_most = [](int m) {
        std::vector<double> ways(9, 0.0);
        ways[0] = 1;
        for (int rank = 0; rank < 32; ++rank) {
            std::vector<double> next(9, 0.0);
            for (int have = 0; have <= 8; ++have) {
                for (int add = 0; add <= m && have + add <= 8; ++add) {
                    next[static_cast<std::size_t>(have + add)] +=
                        ways[static_cast<std::size_t>(have)] * choose(8, add);
                }
            }
            ways = next;
        }
        return ways[8];
    };
    double expected = 0;
    for (int m = 1; m <= 8; ++m) expected += 1 - (m > 1 ? ways_at_most(m - 1) / choose(256, 8) : 0);
    const auto table = build_expert_load_table(resolved(UniformRouting{}, 256, 8), 32, {}, 1);
    CHECK(table.at(1).busiest_pairs == Approx(expected).epsilon(0.05));
}

TEST_CASE("with many tokens the imbalance is that of the mean loads") {
    for (const RoutingSpec& spec : std::vector<RoutingSpec>{ZipfRouting{0.8}, DirichletRouting{0.5}}) {
        const auto profile = resolved(spec, 128, 8);
        for (const auto kind :
             {PlacementKind::contiguous, PlacementKind::round_robin, PlacementKind::balanced}) {
            double expected = 0;
            for (const auto& layer : rank_shares_per_layer(profile, 16, {kind, 0})) {
                expected +=
                    *std::max_element(layer.begin(), layer.end()) / static_cast<double>(profile.p.size());
            }
            CHECK(build_expert_load_table(profile, 16, {kind, 0}, 1).at(1e6).imbalance ==
                  Approx(expected).epsilon(0.01));
        }
    }
}

TEST_CASE("more tokens never activate fewer experts nor load a rank less") {
    for (const RoutingSpec& spec : std::vector<RoutingSpec>{UniformRouting{}, ZipfRouting{1.2},
                                                            DirichletRouting{0.3}, PowerLawRouting{1.2}}) {
        const auto profile = resolved(spec, 64, 6);
        for (std::int64_t ranks : {1, 8}) {
            const auto table = build_expert_load_table(profile, ranks, {}, 1);
            ExpertLoad before;
            for (double n : kCounts) {
                const ExpertLoad load = table.at(n);
                INFO("spec " << spec.index() << ", " << ranks << " ranks, " << n << " tokens");
                CHECK(load.activated >= before.activated - 1e-9);
                CHECK(load.busiest_pairs >= before.busiest_pairs);
                CHECK(load.hottest_pairs >= before.hottest_pairs);
                CHECK(load.activated <= std::min(64.0, 6 * n) * (1 + 1e-9));
                CHECK(load.busiest_activated <= 64.0 / static_cast<double>(ranks) + 1e-9);
                CHECK(load.busiest_pairs >= 6 * n / static_cast<double>(ranks) * (1 - 1e-9));
                CHECK(load.busiest_pairs <= 6 * n * (1 + 1e-9));
                CHECK(load.hottest_pairs <= n * (1 + 1e-9));
                CHECK(load.imbalance >= 1);
                if (ranks == 1) CHECK(load.imbalance == 1);
                before = load;
            }
        }
    }
}

TEST_CASE("token-by-token draws and the Gaussian beyond them meet without a step") {
    const auto table = build_expert_load_table(resolved(ZipfRouting{0.5}, 256, 8), 32, {}, 1);
    const ExpertLoad drawn = table.at(128), beyond = table.at(160);
    const double at_112 = table.at(112).imbalance;
    CHECK(drawn.imbalance <= at_112);
    CHECK(beyond.imbalance <= drawn.imbalance * 1.005);
    CHECK(beyond.imbalance >= drawn.imbalance * 0.96);
    CHECK(beyond.busiest_activated >= drawn.busiest_activated * 0.99);
}

TEST_CASE("the same seed gives the same table and another one a different one") {
    const auto profile = resolved(DirichletRouting{1}, 64, 8);
    const auto a = build_expert_load_table(profile, 8, {}, 3), b = build_expert_load_table(profile, 8, {}, 3),
               c = build_expert_load_table(profile, 8, {}, 4);
    for (double n : kCounts) {
        CHECK(a.at(n).busiest_pairs == b.at(n).busiest_pairs);
        CHECK(a.at(n).hottest_pairs == b.at(n).hottest_pairs);
    }
    CHECK(a.at(5).busiest_pairs != c.at(5).busiest_pairs);
}

TEST_CASE("an empty table and no tokens give no load") {
    CHECK(ExpertLoadTable().at(5).activated == 0);
    const auto table = build_expert_load_table(resolved(UniformRouting{}, 8, 2), 2, {}, 1);
    CHECK(table.at(0).activated == 0);
    CHECK(table.at(-3).busiest_pairs == 0);
    CHECK(table.at(std::nan("")).busiest_pairs == 0);
    CHECK(table.at(0.5).activated == Approx(1));
}

TEST_CASE("a power law's loads come from each step's own range") {
    const auto profile = resolved(PowerLawRouting{1.2}, 64, 6);
    REQUIRE(profile.power_law_alpha);
    CHECK(profile.p.size() == 5);
    const auto table = build_expert_load_table(profile, 8, {}, 1);
    CHECK(table.at(1).activated == Approx(6));   // 6 pairs on 6 experts
    CHECK(table.at(2).activated == Approx(12));  // range [1, 1.6]: no expert is near two tokens
    CHECK(table.at(4096).hottest_pairs / 4096 > 3 * table.at(8).hottest_pairs / 8 * 6 / 64);
    CHECK(table.at(4096).imbalance > table.at(16).imbalance);
}
