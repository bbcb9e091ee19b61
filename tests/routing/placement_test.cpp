#include "tests/support/catch.h"

#include <algorithm>
#include <numeric>

#include "core/routing/placement.h"

using namespace moeplan;

namespace {

using Slots = std::vector<std::int32_t>;

std::vector<double> loads(std::size_t experts) {
    std::vector<double> result(experts);
    for (std::size_t e = 0; e < experts; ++e) result[e] = 1.0 / static_cast<double>(1 + (e * 37) % experts);
    return result;
}

Slots of_rank(const LayerPlacement& place, std::size_t rank) {
    return {place.slot_expert.begin() + place.rank_begin[rank],
            place.slot_expert.begin() + place.rank_begin[rank + 1]};
}

double busiest(const std::vector<double>& load, std::int64_t ranks, PlacementSpec spec) {
    RoutingProfile profile;
    profile.experts = static_cast<std::int64_t>(load.size());
    profile.p = {load};
    const auto shares = rank_shares(profile, ranks, spec);
    CHECK(std::accumulate(shares.begin(), shares.end(), 0.0) == Approx(static_cast<double>(ranks)));
    return *std::max_element(shares.begin(), shares.end());
}

}  // namespace

TEST_CASE("contiguous keeps blocks, round robin deals, and uneven counts favour the first ranks") {
    const auto load = loads(10);
    const auto blocks = place_experts(load, 4, {PlacementKind::contiguous, 0});
    CHECK(of_rank(blocks, 0) == Slots{0, 1, 2});
    CHECK(of_rank(blocks, 1) == Slots{3, 4, 5});
    CHECK(of_rank(blocks, 2) == Slots{6, 7});
    CHECK(of_rank(blocks, 3) == Slots{8, 9});
    const auto dealt = place_experts(load, 4, {PlacementKind::round_robin, 0});
    CHECK(of_rank(dealt, 0) == Slots{0, 4, 8});
    CHECK(of_rank(dealt, 3) == Slots{3, 7});
    CHECK(slots_per_rank(10, 4, {PlacementKind::contiguous, 0}) == 3);
}

TEST_CASE("balanced packs heaviest first: 7 6 5 4 3 2 on two ranks of three slots give 14 and 13") {
    // 7 | 6, 5 to the lighter (11), 4 to 7 (11), 3 to the first of equals (14), 2 to the other (13).
    const std::vector<double> load{7, 6, 5, 4, 3, 2};
    const auto place = place_experts(load, 2, {PlacementKind::balanced, 0});
    CHECK(of_rank(place, 0) == Slots{0, 3, 4});
    CHECK(of_rank(place, 1) == Slots{1, 2, 5});
    CHECK(busiest(load, 2, {PlacementKind::balanced, 0}) == Approx(14.0 / 13.5));
}

TEST_CASE("EPLB replicates the largest load per replica and pads to the ranks") {
    // 8 2 1 1 on 2 ranks with one redundant slot: 5 slots are padded to 6; 8 would be split further than two
    // ways, but on two ranks a third replica serves nothing, so 2 is split too.
    const auto place = place_experts({8, 2, 1, 1}, 2, {PlacementKind::eplb, 1});
    CHECK(place.replicas == Slots{2, 2, 1, 1});
    CHECK(slots_per_rank(4, 2, {PlacementKind::eplb, 1}) == 3);
    CHECK(busiest({8, 2, 1, 1}, 2, {PlacementKind::eplb, 1}) == Approx(1.0));
    for (std::size_t rank = 0; rank < 2; ++rank) {
        auto held = of_rank(place, rank);
        std::sort(held.begin(), held.end());
        CHECK(std::adjacent_find(held.begin(), held.end()) == held.end());
    }
}

TEST_CASE("every expert has a slot and no rank more than its share, whatever the shape") {
    for (std::size_t experts : {1u, 3u, 8u, 60u, 256u}) {
        for (std::int64_t ranks : {1, 2, 7, 32, 64}) {
            for (auto kind : {PlacementKind::contiguous, PlacementKind::round_robin, PlacementKind::balanced,
                              PlacementKind::eplb}) {
                for (std::int64_t redundant : {0, 5, 300}) {
                    const PlacementSpec spec{kind, redundant};
                    const auto place = place_experts(loads(experts), ranks, spec);
                    INFO(experts << " experts, " << ranks << " ranks, kind " << static_cast<int>(kind)
                                 << ", redundant " << redundant);
                    REQUIRE(place.ranks() == ranks);
                    CHECK(*std::min_element(place.replicas.begin(), place.replicas.end()) >= 1);
                    const auto most = slots_per_rank(static_cast<std::int64_t>(experts), ranks, spec);
                    for (std::size_t r = 0; r < static_cast<std::size_t>(ranks); ++r) {
                        CHECK(place.rank_begin[r + 1] - place.rank_begin[r] <= most);
                    }
                }
            }
        }
    }
}

TEST_CASE("better placements level ranks: EPLB at most balanced at most contiguous") {
    const auto load = loads(256);
    const double contiguous = busiest(load, 32, {PlacementKind::contiguous, 0});
    const double balanced = busiest(load, 32, {PlacementKind::balanced, 0});
    const double eplb = busiest(load, 32, {PlacementKind::eplb, 64});
    CHECK(balanced < contiguous);
    CHECK(eplb < balanced);
    CHECK(eplb < 1.1);
}
