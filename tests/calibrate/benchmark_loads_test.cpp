#include "core/calibrate/benchmark_loads.h"

#include <algorithm>

#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("strides give every expert the same load when tokens fill whole rounds") {
    // 64 tokens, top-8 of 256: token t takes experts t, t + 32, ... (mod 256); 64 * 8 = 512 pairs, two each.
    const BenchmarkLoad all = benchmark_load(64, 8, 256, 1, 0);
    CHECK(all.pairs == 512);
    CHECK(all.activated == 256);
    CHECK(all.hottest == 2);
    // Rank 0 of 8 holds experts 0..31: an eighth.
    const BenchmarkLoad rank = benchmark_load(64, 8, 256, 8, 0);
    CHECK(rank.pairs == 64);
    CHECK(rank.activated == 32);
    CHECK(rank.hottest == 2);
}

TEST_CASE("fewer tokens than a stride are spread over it") {
    // 2 tokens, top-2 of 8: stride 4; token 0 takes 0 and 4, token 1 takes 1 * 4 / 2 = 2 and 6. Rank 0 of 2 holds 0..3.
    const BenchmarkLoad load = benchmark_load(2, 2, 8, 2, 0);
    CHECK(load.pairs == 2);
    CHECK(load.activated == 2);
    CHECK(load.hottest == 1);
}

TEST_CASE("a grouped router drops what lies outside its groups and fills up with the lowest experts") {
    // Top-8 of 256 in strides of 32 puts one choice into each of 8 groups. 4 groups are kept (0 to 3, by number), so each
    // token keeps t, t + 32, t + 64, t + 96 (t mod 32) and takes the four lowest experts it has not: 0, 1, 2, 3 or, where
    // t is one of these, 4 in its place.
    const RoutingGroups four_of_eight{8, 4};
    const double tokens = 320;   // ten rounds of 32
    const auto pairs = [&](std::int64_t ranks) { return benchmark_load(320, 8, 256, ranks, 0, four_of_eight).pairs / tokens; };
    CHECK(pairs(1) == 8);
    CHECK(pairs(2) == 8);       // groups 0 to 3 are the first half
    CHECK(pairs(4) == 6);       // two of the strided choices and the four low ones
    CHECK(pairs(8) == 5);
    CHECK(pairs(16) == Approx(4.5));    // half of the strided choices of group 0
    CHECK(pairs(64) == 4);      // experts 0..3 get every token; where t < 4 the choice itself was one of them
    CHECK(pairs(256) == 1);
    CHECK(benchmark_load(320, 8, 256, 1, 0, four_of_eight).hottest == tokens);
    CHECK(benchmark_load(320, 8, 256, 1, 0, four_of_eight).activated == 128);
}

TEST_CASE("keeping every group changes nothing") {
    for (const double alpha : {0.0, 1.01, 1.2}) {
        const BenchmarkLoad plain = benchmark_load(100, 8, 256, 16, alpha);
        const BenchmarkLoad grouped = benchmark_load(100, 8, 256, 16, alpha, {8, 8});
        CHECK(grouped.pairs == plain.pairs);
        CHECK(grouped.hottest == plain.hottest);
    }
}

TEST_CASE("one rank gets every pair, however skewed and grouped") {
    for (const std::int64_t tokens : {1, 7, 33, 512, 20000}) {
        for (const double alpha : {0.0, 1.0, 1.01, 1.2, 2.0}) {
            CHECK(benchmark_load(tokens, 8, 256, 1, alpha).pairs == Approx(8.0 * static_cast<double>(tokens)));
            CHECK(benchmark_load(tokens, 8, 256, 1, alpha, {8, 4}).pairs == Approx(8.0 * static_cast<double>(tokens)));
        }
    }
}

TEST_CASE("no expert gets more pairs than there are tokens, and the timed rank no less than its share when skewed") {
    for (const std::int64_t tokens : {1, 5, 64, 1000, 16384}) {
        for (const std::int64_t ranks : {1, 4, 32}) {
            for (const double alpha : {0.0, 1.01, 1.2, 3.0}) {
                const BenchmarkLoad load = benchmark_load(tokens, 4, 128, ranks, alpha);
                CHECK(load.hottest <= static_cast<double>(tokens));
                CHECK(load.activated <= std::min(128.0 / static_cast<double>(ranks), load.pairs));
                CHECK(load.hottest * load.activated >= load.pairs * 0.999);
                if (alpha > 0) CHECK(load.pairs * static_cast<double>(ranks) >= 4.0 * static_cast<double>(tokens) * 0.999);
            }
        }
    }
}

TEST_CASE("a steeper power law makes the hottest expert hotter") {
    const double flat = benchmark_load(4096, 8, 128, 1, 0).hottest;
    const double mild = benchmark_load(4096, 8, 128, 1, 1.01).hottest;
    const double steep = benchmark_load(4096, 8, 128, 1, 1.5).hottest;
    CHECK(flat < mild);
    CHECK(mild < steep);
}

TEST_CASE("the same arguments draw the same loads") {
    CHECK(benchmark_load(777, 6, 96, 4, 1.2).pairs == benchmark_load(777, 6, 96, 4, 1.2).pairs);
}
