#include "sim/measure/token_gaps.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "sim/measure/order_statistics.h"
#include "sim/measure/token_clock.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

struct Progression { Ticks start, first, growth; std::int64_t count, weight; };

std::vector<Progression> random_runs(std::uint64_t seed, int n) {
    std::mt19937_64 random(seed);
    std::vector<Progression> runs;
    Ticks start = 0;
    for (int i = 0; i < n; ++i) {
        const auto count = static_cast<std::int64_t>(random() % 60) + 1;
        const auto first = static_cast<Ticks>(random() % 40'000'000'000) + 1'000'000;
        // Mostly a little longer with every step; some shorter, some not at all.
        const Ticks growth = i % 5 == 0   ? 0
                             : i % 7 == 0 ? -(first / (count + 1))
                                          : static_cast<Ticks>(random() % 900'000);
        runs.push_back({start, first, growth, count, static_cast<std::int64_t>(random() % 30) + 1});
        start += first * count + growth * (count * (count - 1) / 2);
    }
    return runs;
}

// Every gap by itself, of those that begin at `from` or later.
std::vector<Ticks> expanded(const std::vector<Progression>& runs, Ticks from = 0) {
    std::vector<Ticks> all;
    for (const auto& r : runs) {
        Ticks begins = r.start;
        for (std::int64_t j = 0; j < r.count; ++j) {
            const Ticks gap = r.first + r.growth * j;
            if (begins >= from) all.insert(all.end(), static_cast<std::size_t>(r.weight), gap);
            begins += gap;
        }
    }
    std::ranges::sort(all);
    return all;
}

void fill(TokenGaps& gaps, const std::vector<Progression>& runs) {
    for (const auto& r : runs) gaps.add(r.start, r.first, r.growth, r.count, r.weight);
}

double mean_s(const std::vector<Ticks>& gaps) {
    long double sum = 0;
    for (const Ticks gap : gaps) sum += static_cast<long double>(gap);
    return static_cast<double>(sum / static_cast<long double>(gaps.size()) / 1e12L);
}

}  // namespace

TEST_CASE("percentiles of token gaps are those of every gap written out", "[measure]") {
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
        const auto runs = random_runs(seed, 400);
        TokenGaps gaps;
        fill(gaps, runs);
        const auto all = expanded(runs);
        REQUIRE(gaps.size() == all.size());
        for (const double p : {0.001, 0.1, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
            INFO("seed " << seed << ", p " << p);
            CHECK(gaps.percentile(p) == all[nearest_rank(all.size(), p)]);
        }
        CHECK(gaps.mean_s() == Approx(mean_s(all)).epsilon(1e-12));
        CHECK(gaps.max_s() == to_seconds(all.back()));
    }
}

TEST_CASE("gaps of the warm-up are left out one by one", "[measure]") {
    const auto runs = random_runs(5, 200);
    for (const Ticks from :
         {runs[40].start + 1, runs[100].start, runs[150].start + runs[150].first, runs.back().start * 2}) {
        TokenGaps gaps;
        fill(gaps, runs);
        gaps.drop_before(from);
        const auto all = expanded(runs, from);
        REQUIRE(gaps.size() == all.size());
        if (all.empty()) continue;
        for (const double p : {0.01, 0.5, 0.99}) CHECK(gaps.percentile(p) == all[nearest_rank(all.size(), p)]);
        CHECK(gaps.mean_s() == Approx(mean_s(all)).epsilon(1e-12));
    }
}

TEST_CASE("folded gaps keep their number and mean, and percentiles to the bin", "[measure]") {
    auto runs = random_runs(6, 1000);
    for (std::size_t i = 0; i < runs.size(); i += 50)
        runs[i].first = Ticks{3'000'000'000'000} + static_cast<Ticks>(i) * 7'000'000'000;  // seconds
    TokenGaps gaps(64);
    fill(gaps, runs);
    CHECK(gaps.folded_until() > 0);
    const auto all = expanded(runs);
    REQUIRE(gaps.size() == all.size());
    CHECK(gaps.mean_s() == Approx(mean_s(all)).epsilon(1e-12));
    CHECK(gaps.max_s() == to_seconds(all.back()));
    for (const double p : {0.01, 0.1, 0.5, 0.9, 0.99, 0.9999}) {
        const double exact = to_seconds(all[nearest_rank(all.size(), p)]), found = to_seconds(gaps.percentile(p));
        INFO(p << ": " << exact << " and " << found);
        CHECK(std::abs(found - exact) <= std::max(0.51e-6, exact / 131072));
    }
}

TEST_CASE("one huge progression is selected from without being written out", "[measure]") {
    TokenGaps gaps;
    gaps.add(0, 1'000'000, 3, 3'000'000'000, 5'000'000'000);   // more gaps than could be listed
    REQUIRE(gaps.size() == 15'000'000'000'000'000'000U);
    CHECK(gaps.percentile(0.5) == 1'000'000 + 3 * (1'500'000'000LL - 1));
}

TEST_CASE("batches of gaps have the mean of all gaps between them", "[measure]") {
    const auto runs = random_runs(8, 900);
    TokenGaps gaps;
    fill(gaps, runs);
    const auto means = gaps.batch_means_s(30);
    REQUIRE(means.size() == 30);
    double mean = 0;
    for (const double m : means) mean += m / 30;
    CHECK(mean == Approx(gaps.mean_s()).epsilon(0.05));   // batches are only about equal
    CHECK(gaps.batch_means_s(901).empty());
}

// ---- when tokens came
// ------------------------------------------------------------------------------------------------

namespace {

struct Clocked {
    TokenGaps gaps;
    Transfers transfers;
    TokenClock clock{gaps, transfers};
    std::vector<Ticks> sorted() {
        std::vector<Ticks> out;
        for (std::uint64_t rank = 1; rank <= gaps.size(); ++rank) {
            out.push_back(gaps.percentile((static_cast<double>(rank) - 0.5) / static_cast<double>(gaps.size())));
        }
        return out;
    }
};

}  // namespace

TEST_CASE("decoding without a break has the steps' own gaps", "[measure]") {
    Clocked c;
    c.clock.first(100, 2);
    c.clock.decode(100, 10, 1, 3, 2);   // 10, 11, 12, twice each
    c.clock.decode(133, 13, 0, 1, 2);
    CHECK(c.sorted() == std::vector<Ticks>{10, 10, 11, 11, 12, 12, 13, 13});
}

TEST_CASE("a prompt that runs alone lengthens the gap of those that wait", "[measure]") {
    Clocked c;
    c.clock.first(100, 1);
    c.clock.decode(100, 10, 0, 1, 1);   // until 110
    c.clock.first(160, 1);              // another's prompt from 110 to 160
    c.clock.decode(160, 10, 0, 2, 2);   // the first waited 50 + 10; the second 10
    CHECK(c.sorted() == std::vector<Ticks>{10, 10, 10, 10, 60});
}

TEST_CASE("a request that ends leaves nothing behind", "[measure]") {
    Clocked c;
    c.clock.first(100, 3);
    c.clock.leave(100);                 // one token was all it asked for
    c.clock.first(150, 1);
    c.clock.decode(150, 10, 0, 1, 3);   // two have waited since 100, one since 150
    CHECK(c.sorted() == std::vector<Ticks>{10, 60, 60});
}

TEST_CASE("a pause without the cache is a gap", "[measure]") {
    Clocked c;
    c.clock.first(100, 2);
    c.clock.decode(100, 10, 0, 1, 2);   // until 110
    c.clock.pause(110);
    c.clock.decode(110, 10, 0, 5, 1);
    c.clock.first(200, 1);              // computed anew, and its next token with it
    CHECK(c.sorted() == std::vector<Ticks>{10, 10, 10, 10, 10, 10, 10, 90});
}

TEST_CASE("a cache from another replica brings its last token along", "[measure]") {
    Clocked c;
    TokenClock other(c.gaps, c.transfers);
    c.clock.first(100, 1);
    c.clock.send(100, 130);
    other.decode(140, 10, 0, 2, 1);     // it was there at 130, waited until 140
    CHECK(c.sorted() == std::vector<Ticks>{10, 50});
}
