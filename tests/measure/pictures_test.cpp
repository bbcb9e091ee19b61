// What pictures need of a run: distributions and a sample of requests.

#include <algorithm>
#include <random>

#include "sim/measure/order_statistics.h"
#include "sim/measure/request_windows.h"
#include "sim/measure/token_gaps.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

RequestRecord record(std::uint64_t id) {
    RequestRecord r;
    r.id = id;
    r.arrival = static_cast<Ticks>(id) * kTicksPerSecond;
    r.started = r.arrival + kTicksPerSecond / 4;
    r.first_token = r.arrival + kTicksPerSecond / 2;
    r.finished = r.arrival + 2 * kTicksPerSecond;
    r.input = 100;
    r.output = 7;
    r.replica = 3;
    return r;
}

RequestWindows with(std::uint64_t n, unsigned seed) {
    std::mt19937_64 random(seed);
    RequestWindows windows;
    std::vector<std::uint64_t> ids(n);
    for (std::uint64_t i = 0; i < n; ++i) ids[i] = i;
    // They end a little out of order.
    for (std::uint64_t i = 0; i + 50 < n; i += 7) std::swap(ids[i], ids[i + random() % 50]);
    for (const std::uint64_t id : ids) windows.add(record(id));
    return windows;
}

}  // namespace

TEST_CASE("order statistics of many shares are those of each, and leave the values alone") {
    std::mt19937_64 random(5);
    for (const std::size_t n : {1U, 2U, 3U, 100U, 101U, 50'000U}) {
        std::vector<float> values;
        for (std::size_t i = 0; i < n; ++i) values.push_back(static_cast<float>(random() % 1000 == 0 ? 0 : std::exp(static_cast<double>(random() % 10'000) / 500)));
        const std::vector<float> before = values;
        const auto at = order_statistics(values, drawn_shares());
        CHECK(values == before);
        std::ranges::sort(values);
        for (std::size_t i = 0; i < at.size(); ++i) {
            CAPTURE(n, drawn_shares()[i]);
            CHECK(at[i] == values[nearest_rank(n, drawn_shares()[i])]);
        }
        CHECK(at.front() == values.front());
        CHECK(at.back() == values.back());
    }
}

TEST_CASE("the curve of token gaps ascends and lies within 1.6 % of the exact percentiles") {
    TokenGaps gaps;
    for (int i = 0; i < 2000; ++i) gaps.add(i * kTicksPerSecond, 1'000'000'000LL + i * 20'000'000LL, 1'000'000, 30, 1 + i % 5);
    const auto curve = gaps.curve_s(drawn_shares());
    CHECK(std::ranges::is_sorted(curve));
    for (std::size_t i = 1; i < curve.size(); ++i) {
        CAPTURE(drawn_shares()[i]);
        CHECK(curve[i] == Approx(to_seconds(gaps.percentile(drawn_shares()[i]))).epsilon(0.017));
    }
    CHECK(curve.back() <= gaps.max_s());
}

TEST_CASE("a sample is consecutive requests about the middle, whatever the length of the run") {
    for (const std::uint64_t n : {1U, 150U, 200U, 201U, 1000U, 12'800U, 12'801U, 40'000U, 333'333U}) {
        const auto sample = with(n, 1).middle(0, n);
        CAPTURE(n, sample.empty() ? 0 : sample.front().id);
        REQUIRE(sample.size() == std::min<std::uint64_t>(n, 200));
        for (std::size_t i = 1; i < sample.size(); ++i) CHECK(sample[i].id == sample[i - 1].id + 1);
        const double middle = static_cast<double>(sample.front().id) + 100, off = std::abs(middle - static_cast<double>(n) / 2);
        CHECK(off <= std::max(101.0, static_cast<double>(n) / 32));
    }
}

TEST_CASE("of a run with a warm-up the sample is of what is measured") {
    const RequestWindows windows = with(3000, 2);
    const auto sample = windows.middle(2900, 3000);
    REQUIRE(sample.size() == 100);
    CHECK(sample.front().id == 2900);
    CHECK(windows.middle(3000, 3000).empty());
    const auto late = windows.middle(1000, 3000);
    REQUIRE(late.size() == 200);
    CHECK(late.front().id == 1900);
}

TEST_CASE("a sampled request tells its times in seconds and what became of it") {
    RequestWindows windows;
    windows.add(record(0));
    RequestRecord gone = record(1);
    gone.ending = Ending::timed_out;
    gone.started = gone.first_token = kNever;
    windows.add(gone);
    const auto sample = windows.middle(0, 2);
    REQUIRE(sample.size() == 2);
    CHECK(sample[0].started == 0.25);
    CHECK(sample[0].first_token == 0.5);
    CHECK(sample[0].finished == 2.0);
    CHECK(sample[0].outcome == "completed");
    CHECK(sample[0].replica == 3);
    CHECK(sample[1].arrived == 1.0);
    CHECK_FALSE(sample[1].started);
    CHECK_FALSE(sample[1].first_token);
    CHECK_FALSE(sample[1].finished);
    CHECK(sample[1].outcome == "timed out");
}
