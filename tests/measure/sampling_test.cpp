#include "sim/measure/sampling.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "sim/measure/order_statistics.h"
#include "sim/measure/warm_up.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

double uniform(std::mt19937_64& random) { return (static_cast<double>(random() >> 11) + 0.5) * 0x1.0p-53; }
double exponential(std::mt19937_64& random, double mean) { return -mean * std::log(uniform(random)); }
double normal(std::mt19937_64& random) {
    return std::sqrt(-2 * std::log(uniform(random))) * std::cos(2 * 3.14159265358979324 * uniform(random));
}

// x' = phi x + noise, started in its stationary state, about 10 with standard deviation 1.
std::vector<float> autoregressive(std::uint64_t seed, std::size_t n, double phi) {
    std::mt19937_64 random(seed);
    std::vector<float> out;
    double x = normal(random);
    for (std::size_t i = 0; i < n; ++i) {
        out.push_back(static_cast<float>(10 + x));
        x = phi * x + std::sqrt(1 - phi * phi) * normal(random);
    }
    return out;
}

// Times in an M/M/1 queue of rate-1 service by Lindley's recursion, started at its stationary state: the time in system
// is exponential with mean 1 / (1 - load).
std::vector<float> queue_times(std::uint64_t seed, std::size_t n, double load) {
    std::mt19937_64 random(seed);
    std::vector<float> out;
    double wait = uniform(random) < load ? exponential(random, 1 / (1 - load)) : 0;
    for (std::size_t i = 0; i < n; ++i) {
        const double time = wait + exponential(random, 1);
        out.push_back(static_cast<float>(time));
        wait = std::max(0.0, time - exponential(random, 1 / load));
    }
    return out;
}

struct Covered { int said = 0, right = 0; double share() const { return static_cast<double>(right) / said; } };

template <class Series, class Interval>
Covered coverage(int seeds, double truth, Series series, Interval interval) {
    Covered covered;
    for (int seed = 0; seed < seeds; ++seed) {
        const std::vector<float> values = series(static_cast<std::uint64_t>(seed) * 7919 + 13);
        const auto [estimate, half] = interval(values);
        if (!half) continue;
        ++covered.said;
        covered.right += std::abs(estimate - truth) <= *half;
    }
    return covered;
}

std::pair<double, std::optional<double>> mean_interval(const std::vector<float>& values) {
    double sum = 0;
    for (const float v : values) sum += static_cast<double>(v);
    return {sum / static_cast<double>(values.size()), sampling_of_mean(values)};
}

std::pair<double, std::optional<double>> p99_interval(const std::vector<float>& values) {
    std::vector<float> copy = values;
    return {static_cast<double>(order_statistic(copy, 0.99)), sampling_of_percentile(values, 0.99)};
}

}  // namespace

TEST_CASE("order statistics are those of a sort", "[measure]") {
    std::mt19937_64 random(3);
    for (const std::size_t n : {1U, 2U, 7U, 100U, 1001U}) {
        std::vector<float> values(n);
        for (auto& v : values) v = static_cast<float>(random() % 50);   // many ties
        std::vector<float> sorted = values;
        std::ranges::sort(sorted);
        for (int percent = 0; percent <= 100; ++percent) {
            // Nearest rank: the smallest value with at least percent % of all at or below it.
            std::size_t at = 0;
            while ((at + 1) * 100 < static_cast<std::size_t>(percent) * n) ++at;
            INFO(n << " values, " << percent << " %");
            CHECK(order_statistic(values, percent / 100.0) == sorted[at]);
        }
    }
}

TEST_CASE("Student's t is that of the tables", "[measure]") {
    CHECK(student_t_975(1) == 12.706);
    CHECK(student_t_975(19) == 2.093);
    CHECK(student_t_975(29) == 2.045);
    CHECK(student_t_975(60) == Approx(2.000).epsilon(0.003));
    CHECK(student_t_975(120) == Approx(1.980).epsilon(0.003));
}

TEST_CASE("the half-width of batch means is t s over the root of their number", "[measure]") {
    // Ten means, 1 and 3 in turn: mean 2, s^2 = 10/9, so t(9) sqrt(1/9) = 2.262 / 3.
    CHECK(half_width_of({1, 3, 1, 3, 1, 3, 1, 3, 1, 3}).value() == Approx(2.262 / 3).epsilon(1e-9));
    CHECK_FALSE(half_width_of({1, 3, 1, 3, 1, 3, 1, 3, 1}));
    CHECK(half_width_of(std::vector<double>(20, 4.0)).value() == 0);
}

TEST_CASE("batches that hang together too much are not called an interval", "[measure]") {
    std::vector<double> rising(20);
    for (std::size_t i = 0; i < rising.size(); ++i) rising[i] = static_cast<double>(i);
    CHECK_FALSE(half_width_of(rising));
    CHECK_FALSE(sampling_of_mean(std::vector<float>(199, 1.0F)));
    CHECK(sampling_of_mean(std::vector<float>(200, 1.0F)).value() == 0);
}

TEST_CASE("the interval of a mean holds the true mean 90 to 99 times of 100", "[measure]") {
    const auto ar = [](double phi, std::size_t n) {
        return [=](std::uint64_t seed) { return autoregressive(seed, n, phi); };
    };
    const auto mm1 = [](double load, std::size_t n) {
        return [=](std::uint64_t seed) { return queue_times(seed, n, load); };
    };
    const Covered independent = coverage(400, 10, ar(0, 3000), mean_interval),
                  close = coverage(400, 10, ar(0.9, 6000), mean_interval),
                  closer = coverage(400, 10, ar(0.98, 6000), mean_interval),
                  queue = coverage(400, 2, mm1(0.5, 6000), mean_interval),
                  busy = coverage(300, 5, mm1(0.8, 40'000), mean_interval);
    for (const Covered& c : {independent, close, closer, queue, busy}) {
        INFO("covered " << c.right << " of " << c.said);
        CHECK(c.share() >= 0.90);
        CHECK(c.share() <= 0.99);
    }
    CHECK(independent.said >= 395);
    CHECK(close.said >= 390);
}

TEST_CASE("the interval of a p99 holds the true p99 90 to 99 times of 100", "[measure]") {
    constexpr double kNormal99 = 2.3263478740;
    const auto ar = [](double phi, std::size_t n) {
        return [=](std::uint64_t seed) { return autoregressive(seed, n, phi); };
    };
    const Covered independent = coverage(400, 10 + kNormal99, ar(0, 10'000), p99_interval),
                  close = coverage(400, 10 + kNormal99, ar(0.8, 20'000), p99_interval),
                  queue = coverage(
                      300, 2 * std::log(100), [](std::uint64_t seed) { return queue_times(seed, 40'000, 0.5); },
                      p99_interval);
    for (const Covered& c : {independent, close, queue}) {
        INFO("covered " << c.right << " of " << c.said);
        CHECK(c.said >= 250);
        CHECK(c.share() >= 0.90);
        CHECK(c.share() <= 0.995);
    }
}

TEST_CASE("too few values in the tail have no interval", "[measure]") {
    CHECK_FALSE(sampling_of_percentile(autoregressive(1, 300, 0), 0.99));
}

TEST_CASE("the warm-up ends where a series has come down", "[measure]") {
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
        auto values = autoregressive(seed, 4000, 0.3);
        for (std::size_t i = 0; i < 500; ++i) values[i] += 20.0F * (1 - static_cast<float>(i) / 500);
        const auto skip = settled_after(values);
        REQUIRE(skip);
        CHECK(*skip % kSettlingBatch == 0);
        CHECK(*skip >= 400);
        CHECK(*skip <= 700);
    }
}

TEST_CASE("MSER picks the cut with the smallest standard error, by hand", "[measure]") {
    // 20 batches: the first two at 100, the others 1 and 2 in turn. Leaving out two: 18 x 0.25 / 18^2; fewer is far
    // more, and leaving out more divides the same spread by fewer.
    std::vector<float> values;
    for (int b = 0; b < 20; ++b) values.insert(values.end(), 5, b < 2 ? 100.0F : b % 2 == 0 ? 1.0F : 2.0F);
    CHECK(settled_after(values) == std::optional<std::size_t>(10));
    CHECK(settled_after(std::vector<float>(100, 3.0F)) == std::optional<std::size_t>(0));
    CHECK_FALSE(settled_after(std::vector<float>(99, 3.0F)));
}

TEST_CASE("a series that never settles has no warm-up", "[measure]") {
    std::vector<float> rising;
    for (int i = 0; i < 2000; ++i) rising.push_back(static_cast<float>(i));
    CHECK_FALSE(settled_after(rising));
}

TEST_CASE("batches that hang together a little have a wider interval", "[measure]") {
    // 24 means, four at 1, four at 3, and so on: squares 24, products of neighbours 18 - 5, so r = 13/24 + 1/24 = 7/12 and the
    // factor is sqrt(19/5); t(23) = 2.069, s / sqrt(24) = 1 / sqrt(23).
    std::vector<double> means;
    for (int i = 0; i < 24; ++i) means.push_back(i / 4 % 2 == 0 ? 1 : 3);
    CHECK(half_width_of(means).value() == Approx(2.069 / std::sqrt(23.0) * std::sqrt(3.8)).epsilon(1e-9));
}
