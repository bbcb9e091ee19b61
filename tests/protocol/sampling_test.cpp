// The median's interval and when sampling stops.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <thread>

#include "gpu/protocol/median.h"
#include "gpu/protocol/protocol.h"
#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("ranks of the median's interval are those of the binomial table") {
    // Conover, "Practical Nonparametric Statistics", two-sided 95 % for the median: n = 6: 1, 9: 2, 10: 2, 20: 6,
    // 50: 18.
    REQUIRE(median_rank(5) == 0);
    REQUIRE(median_rank(6) == 1);
    REQUIRE(median_rank(9) == 2);
    REQUIRE(median_rank(10) == 2);
    REQUIRE(median_rank(20) == 6);
    REQUIRE(median_rank(50) == 18);
    REQUIRE(median_rank(0) == 0);
    // Large n: (n - 1.96 sqrt(n)) / 2, within one.
    REQUIRE(std::abs(static_cast<double>(median_rank(100'000)) - (100'000 - 1.96 * std::sqrt(100'000.0)) / 2) <= 1.5);
}

TEST_CASE("the interval of six samples is their range and the median the middle") {
    const auto interval = median_interval({3, 1, 2, 6, 5, 4});
    REQUIRE(interval.has_value());
    REQUIRE(interval->low == 1);
    REQUIRE(interval->high == 6);
    REQUIRE(interval->median == 3.5);
    REQUIRE(interval->relative_half_width() == Approx(2.5 / 3.5));
    REQUIRE(median_of({7}) == 7);
    REQUIRE(median_of({9, 1, 5}) == 5);
    REQUIRE_FALSE(median_interval({1, 2, 3, 4, 5}).has_value());
    REQUIRE_THROWS_AS(median_of({}), std::logic_error);
}

TEST_CASE("the interval covers the true median at least 95 of 100 times, also of skewed samples") {
    std::mt19937_64 random(3);
    std::exponential_distribution<double> skewed(1.0);
    int covered = 0;
    constexpr int kTrials = 4000;
    for (int i = 0; i < kTrials; ++i) {
        std::vector<double> samples(25);
        for (double& s : samples) s = skewed(random);
        const auto interval = median_interval(samples);
        covered += interval->low <= std::log(2.0) && std::log(2.0) <= interval->high ? 1 : 0;
    }
    REQUIRE(covered >= static_cast<int>(0.94 * kTrials));
    REQUIRE(covered <= static_cast<int>(0.985 * kTrials));  // not simply the whole range
}

TEST_CASE("sampling of a quiet kernel stops as soon as the interval is narrow") {
    int runs = 0;
    const auto samples = sample_until({1000, 10.0, 0.01}, [&] {
        ++runs;
        return 1e-3;
    });
    REQUIRE(samples.size() == 6);  // the fewest that have an interval
    REQUIRE(runs == 6 + 2);  // the second warm-up run was no faster
    for (const double s : samples) REQUIRE(s == Approx(1000));
}

TEST_CASE("warm-up goes on while runs get faster and is not returned") {
    double next = 64e-3;
    const auto samples = sample_until({10, 10.0, 0.01}, [&] { return next = std::max(1e-3, next / 2); });
    REQUIRE(samples.size() == 6);
    REQUIRE(*std::max_element(samples.begin(), samples.end()) == Approx(1000));
}

TEST_CASE("sampling of a noisy kernel takes as many samples as allowed") {
    int run = 0;
    REQUIRE(sample_until({37, 10.0, 0.001}, [&] { return ++run % 2 ? 1e-3 : 2e-3; }).size() == 37);
}

TEST_CASE("sampling takes longer for a tighter error") {
    const auto count = [](double error) {
        std::mt19937_64 random(4);
        std::lognormal_distribution<double> noise(0.0, 0.1);
        return sample_until({20'000, 60.0, error}, [&] { return 1e-3 * noise(random); }).size();
    };
    REQUIRE(count(0.05) < count(0.01));
    REQUIRE(count(0.01) < 2000);  // about (1.96 * 1.25 * 0.1 / 0.01)^2 = 600
}

TEST_CASE("sampling ends with its seconds") {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    int run = 0;
    const auto samples = sample_until({100'000, 0.2, 0.0}, [&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        return ++run % 2 ? 2e-3 : 4e-3;
    });
    REQUIRE(std::chrono::duration<double>(Clock::now() - begin).count() < 2.0);
    REQUIRE(samples.size() >= 2);
    REQUIRE(samples.size() <= 100);
}

TEST_CASE("one execution longer than all the seconds is itself the sample") {
    int runs = 0;
    const auto samples = sample_until({50, 0.01, 0.01}, [&] {
        ++runs;
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        return 0.03;
    });
    REQUIRE(runs == 1);
    REQUIRE(samples == std::vector<double>{30000.0});
}

TEST_CASE("times that are not positive numbers are never returned and do not loop for ever") {
    REQUIRE(sample_until({20, 1.0, 0.01}, [] { return 0.0; }).empty());
    REQUIRE(sample_until({20, 1.0, 0.01}, [] { return std::nan(""); }).empty());
    int run = 0;
    REQUIRE(sample_until({20, 1.0, 0.0}, [&] { return ++run % 2 ? -1.0 : 1e-3 * run; }).size() == 10);
}
