// Loads under a skew: conserved, bounded, deterministic, and the law's own figures.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "core/kernels/kernel.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

using Loads = std::vector<std::int64_t>;

std::int64_t sum(const Loads& loads) { return std::accumulate(loads.begin(), loads.end(), std::int64_t{0}); }

struct Case {
    std::int64_t tokens, experts, top_k, ep;
    double alpha;
};

Case random_case(std::mt19937& random) {
    const auto from = [&](std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
    };
    Case c{};
    c.tokens = from(0, 1) ? from(0, 40) : from(0, 20000);
    c.experts = from(1, 300);
    c.top_k = from(1, std::min<std::int64_t>(c.experts, 12));
    c.ep = from(1, c.experts);
    c.alpha = 0.01 * static_cast<double>(from(0, 300));
    return c;
}

}  // namespace

TEST_CASE("example loads conserve pairs and never give an expert more than every token") {
    std::mt19937 random(7);
    for (int i = 0; i < 500; ++i) {
        const Case c = random_case(random);
        CAPTURE(c.tokens, c.experts, c.top_k, c.ep, c.alpha);
        const Loads all = example_loads(c.tokens, c.experts, c.top_k, 1, c.alpha);
        REQUIRE(static_cast<std::int64_t>(all.size()) == c.experts);
        REQUIRE(sum(all) == c.tokens * c.top_k);
        for (const std::int64_t load : all) REQUIRE((load >= 0 && load <= c.tokens));
        REQUIRE(all == example_loads(c.tokens, c.experts, c.top_k, 1, c.alpha));
    }
}

TEST_CASE("the rank returned holds its share of the experts and no rank has more pairs") {
    std::mt19937 random(8);
    for (int i = 0; i < 300; ++i) {
        const Case c = random_case(random);
        CAPTURE(c.tokens, c.experts, c.top_k, c.ep, c.alpha);
        const Loads all = example_loads(c.tokens, c.experts, c.top_k, 1, c.alpha);
        const Loads rank = example_loads(c.tokens, c.experts, c.top_k, c.ep, c.alpha);
        REQUIRE(std::abs(static_cast<std::int64_t>(rank.size()) - c.experts / c.ep) <= 1);
        REQUIRE(std::search(all.begin(), all.end(), rank.begin(), rank.end()) != all.end());
        REQUIRE(sum(rank) * c.ep >= sum(all));   // the most is at least the mean
        for (std::int64_t r = 0; r < c.ep; ++r) {
            const auto begin = all.begin() + r * c.experts / c.ep, end = all.begin() + (r + 1) * c.experts / c.ep;
            REQUIRE(sum(rank) >= std::accumulate(begin, end, std::int64_t{0}));
        }
    }
}

TEST_CASE("balanced loads differ by at most one pair, over experts and over ranks") {
    REQUIRE(example_loads(8, 4, 2, 1, 0) == Loads{4, 4, 4, 4});
    REQUIRE(example_loads(1, 8, 2, 1, 0) == Loads{0, 0, 0, 1, 0, 0, 0, 1});
    for (const std::int64_t tokens : {1, 3, 7, 100, 1001}) {
        const Loads all = example_loads(tokens, 60, 4, 1, 0);
        const auto [least, most] = std::minmax_element(all.begin(), all.end());
        REQUIRE(*most - *least <= 1);
        REQUIRE(sum(example_loads(tokens, 60, 4, 6, 0)) <= tokens * 4 / 6 + 1);
    }
}

TEST_CASE("two experts under alpha 1 share as the quantiles 1/4 and 3/4 of the law") {
    // 100 tokens: x = 80^u, so 80^0.25 : 80^0.75 = 1 : sqrt(80) = 0.10055 : 0.89945 of 100 pairs.
    const Loads loads = example_loads(100, 2, 1, 1, 1.0);
    REQUIRE(std::min(loads[0], loads[1]) == 10);
    REQUIRE(std::max(loads[0], loads[1]) == 90);
}

TEST_CASE("an expert that would get more than every token passes the rest on") {
    // 100 tokens of top 2 over 3 experts, alpha 1: 80^(1/6), 80^(1/2), 80^(5/6) = 2.076, 8.944, 38.54 of 200 pairs would
    // give the last 155; it keeps 100 and the others share 100 as 2.076 : 8.944 = 18.8 : 81.2.
    Loads loads = example_loads(100, 3, 2, 1, 1.0);
    std::sort(loads.begin(), loads.end());
    REQUIRE(loads == Loads{19, 81, 100});
}

TEST_CASE("a stronger skew makes the hottest expert hotter and activates no more experts") {
    std::int64_t hottest = 0, active = 64;
    for (const double alpha : {0.0, 0.3, 0.6, 0.9}) {
        const Loads loads = example_loads(512, 64, 4, 1, alpha);
        REQUIRE(*std::max_element(loads.begin(), loads.end()) >= hottest);
        hottest = *std::max_element(loads.begin(), loads.end());
        const auto now = std::count_if(loads.begin(), loads.end(), [](std::int64_t l) { return l > 0; });
        REQUIRE(now <= active);
        active = now;
    }
    REQUIRE(hottest > 40);
}

TEST_CASE("example loads make a kernel that can be run") {
    for (const std::int64_t ep : {1, 4, 8}) {
        const ExpertKernel k{37, 64, 128, 4, true, NumberFormat::bf16, example_loads(37, 64, 4, ep, 1.2)};
        REQUIRE(check_kernel(k).empty());
    }
}

TEST_CASE("example loads refuse what its caller must not ask") {
    REQUIRE_THROWS_AS(example_loads(1, 0, 1, 1, 0), std::logic_error);
    REQUIRE_THROWS_AS(example_loads(1, 4, 5, 1, 0), std::logic_error);
    REQUIRE_THROWS_AS(example_loads(1, 4, 1, 5, 0), std::logic_error);
    REQUIRE_THROWS_AS(example_loads(1, 4, 1, 1, std::nan("")), std::logic_error);
    REQUIRE_THROWS_AS(example_loads(-1, 4, 1, 1, 0), std::logic_error);
}
