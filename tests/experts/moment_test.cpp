// A routing at a moment against the routing itself (core/routing/moment.h).
#include "core/routing/moment.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "tests/experts/support.h"

using namespace moeplan;

namespace {

const std::string kRoot = MOEPLAN_SOURCE_DIR;

void check_equal(const ExpertLoadTable& a, const ExpertLoadTable& b) {
    CHECK(a.held_per_rank() == b.held_per_rank());
    for (double n = 1; n < 3e5; n *= 1.7) {
        const ExpertLoad x = a.at(n), y = b.at(n);
        CHECK(x.activated == y.activated);
        CHECK(x.busiest_activated == y.busiest_activated);
        CHECK(x.busiest_pairs == y.busiest_pairs);
        CHECK(x.hottest_pairs == y.hottest_pairs);
        CHECK(x.imbalance == y.imbalance);
    }
}

RoutingMoment placed(const RoutingProfile& profile, std::int64_t ranks, const PlacementSpec& spec) {
    RoutingMoment moment;
    for (const auto& p : profile.p) moment.places.push_back(place_experts(p, ranks, spec));
    return moment;
}

PopularityOrder own_order(const RoutingProfile& profile) {
    PopularityOrder order(profile.p.size(), std::vector<std::int32_t>(static_cast<std::size_t>(profile.experts)));
    for (auto& row : order) std::iota(row.begin(), row.end(), 0);
    return order;
}

}  // namespace

TEST_CASE("where nothing has moved, the table of a moment is the routing's own to the byte") {
    const RoutingSpec spec =
        GENERATE(RoutingSpec{UniformRouting{}}, RoutingSpec{ZipfRouting{1}}, RoutingSpec{DirichletRouting{0.5}});
    const PlacementSpec placement =
        GENERATE(PlacementSpec{PlacementKind::contiguous, 0}, PlacementSpec{PlacementKind::eplb, 16});
    const auto profile = resolve_routing(spec, 64, 6, 8, 5);
    REQUIRE(profile);
    RoutingMoment moment = placed(*profile, 8, placement);
    const auto own = build_expert_load_table(*profile, 8, placement, 5);
    check_equal(build_expert_load_table(*profile, moment, 5), own);
    moment.order = own_order(*profile);
    check_equal(build_expert_load_table(*profile, moment, 5), own);
}

TEST_CASE("the same holds for a bounded power law that is not placed by load, and for a recorded trace") {
    const auto law = resolve_routing(PowerLawRouting{1.2}, 64, 6, 8, 5);
    REQUIRE(law);
    const RoutingProfile lasting = with_lasting_rows(*law, 5);
    RoutingMoment moment = placed(lasting, 8, {PlacementKind::round_robin, 0});
    moment.order = own_order(lasting);
    check_equal(build_expert_load_table(lasting, moment, 5),
                build_expert_load_table(*law, 8, {PlacementKind::round_robin, 0}, 5));

    const auto trace =
        resolve_routing(TraceRouting{kRoot + "/tests/data/routing/gpt_oss_20b_excerpt.csv"}, 32, 4, 4, 5);
    REQUIRE(trace);
    for (const TokenMix mix : {TokenMix::across_sequences, TokenMix::within_sequence}) {
        check_equal(build_expert_load_table(*trace, placed(*trace, 8, {}), 5, mix),
                    build_expert_load_table(*trace, 8, {}, 5, mix));
    }
}

TEST_CASE("the lasting rows of a power law are what its table draws at the reference step") {
    const auto law = resolve_routing(PowerLawRouting{1.5}, 64, 6, 8, 5);
    REQUIRE(law);
    const RoutingProfile lasting = with_lasting_rows(*law, 5);
    double hottest = 0;
    for (const auto& row : lasting.p) {
        CHECK(std::accumulate(row.begin(), row.end(), 0.0) == Approx(6));
        hottest += *std::max_element(row.begin(), row.end()) / static_cast<double>(lasting.p.size());
    }
    constexpr auto tokens = static_cast<double>(kPowerLawReferenceTokens);
    CHECK(build_expert_load_table(*law, 8, {}, 5).at(tokens).hottest_pairs / tokens == Approx(hottest).epsilon(0.001));
}

TEST_CASE("two experts of one layer that exchange popularity carry their loads to each other's rank") {
    // Two ranks of two experts.
    RoutingProfile profile;
    profile.experts = 4;
    profile.top_k = 1;
    profile.p = {{0.7, 0.1, 0.1, 0.1}};
    RoutingMoment moment = placed(profile, 2, {});
    moment.order = {{3, 1, 2, 0}};
    CHECK(popularity(profile, moment.order)[0] == std::vector<double>{0.1, 0.1, 0.1, 0.7});
    CHECK(build_expert_load_table(profile, moment, 1).at(100000).imbalance == Approx(1.6).epsilon(0.01));
    // Placed by what was: {0}, {1, 2, 3} would be even; after the exchange it is {0.1} and {0.9}.
    moment.places = {LayerPlacement{{0, 1, 2, 3}, {0, 1, 4}, {1, 1, 1, 1}, {0, 0, 0, 0}}};
    CHECK(build_expert_load_table(profile, moment, 1).at(100000).imbalance == Approx(1.8).epsilon(0.01));
    CHECK(build_expert_load_table(profile, moment, 1).held_per_rank() == 3);
}

TEST_CASE("a moment that is not of its profile is the caller's mistake") {
    const auto law = resolve_routing(PowerLawRouting{1.2}, 64, 6, 8, 5);
    REQUIRE(law);
    CHECK_THROWS_AS(build_expert_load_table(*law, placed(*law, 8, {}), 5), std::logic_error);
    const auto zipf = resolve_routing(ZipfRouting{1}, 64, 6, 8, 5);
    REQUIRE(zipf);
    RoutingMoment moment = placed(*zipf, 8, {});
    moment.places.pop_back();
    CHECK_THROWS_AS(build_expert_load_table(*zipf, moment, 5), std::logic_error);
}
