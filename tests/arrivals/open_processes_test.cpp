#include <algorithm>
#include <cmath>

#include "tests/arrivals/statistics.h"
#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("Poisson arrivals keep their rate and spread, and their gaps pass Kolmogorov and Smirnov") {
    const auto source = make_renewal(50, Gaps::exponential(), plain_requests(), 1);
    const auto arrivals = all_of(*source, 200'000);
    auto gaps = gaps_of(arrivals);
    const Moments m = moments_of(gaps);
    CHECK(std::abs(m.mean - 0.02) < 4 * m.standard_error());
    CHECK(m.cv == Approx(1).epsilon(0.01));
    std::sort(gaps.begin(), gaps.end());
    double worst = 0;
    const auto n = static_cast<double>(gaps.size());
    for (std::size_t i = 0; i < gaps.size(); ++i) {
        const double f = 1 - std::exp(-gaps[i] * 50);
        worst =
            std::max({worst, std::abs(f - static_cast<double>(i) / n), std::abs(f - static_cast<double>(i + 1) / n)});
    }
    CHECK(worst < 1.95 / std::sqrt(n));   // 0.1 % by chance
    // Neither do gaps know of each other.
    double product = 0;
    const auto raw = gaps_of(arrivals);
    for (std::size_t i = 1; i < raw.size(); ++i) product += (raw[i] - m.mean) * (raw[i - 1] - m.mean);
    CHECK(std::abs(product / n / (m.mean * m.mean)) < 4 / std::sqrt(n));
}

TEST_CASE("counts in windows of a Poisson process vary as much as their mean") {
    const auto source = make_renewal(10, Gaps::exponential(), plain_requests(), 5);
    std::vector<double> counts(20'000, 0);
    for (const Arrival& a : all_of(*source, 220'000)) {
        const auto second = static_cast<std::size_t>(to_seconds(a.at));
        if (second < counts.size()) counts[second] += 1;
    }
    const Moments m = moments_of(counts);
    CHECK(std::abs(m.mean - 10) < 4 * m.standard_error());
    CHECK(m.cv * m.cv * m.mean == Approx(1).epsilon(0.04));
}

TEST_CASE("a bursty process has its rate from the first second") {
    // Without a stationary start, gaps of cv 4 would give (cv^2 - 1) / 2 = 7.5 requests too many.
    double sum = 0, square = 0;
    constexpr int kRuns = 4000;
    for (int seed = 0; seed < kRuns; ++seed) {
        const auto source =
            limited(make_renewal(20, Gaps::gamma(4), plain_requests(), static_cast<std::uint64_t>(seed)),
                    {.until = kTicksPerSecond});
        const auto n = static_cast<double>(all_of(*source).size());
        sum += n;
        square += n * n;
    }
    const double mean = sum / kRuns;
    const double error = std::sqrt((square / kRuns - mean * mean) / kRuns);
    CHECK(std::abs(mean - 20) < 4 * error);
    CHECK(4 * error < 7.5 / 2);   // or the test could not tell
}

TEST_CASE("a diurnal rate has its mean over a period, its peak in the middle and its trough at the start") {
    DiurnalArrivals spec;
    spec.rate = {100};
    spec.peak_over_mean = 1.8;
    spec.period = {200};
    const auto source = limited(make_diurnal(spec, plain_requests(), 9), {.until = 2000 * kTicksPerSecond});
    std::vector<double> by_hour(20, 0);
    double all = 0;
    for (const Arrival& a : all_of(*source)) {
        by_hour[static_cast<std::size_t>(std::fmod(to_seconds(a.at), 200) / 10)] += 1;
        ++all;
    }
    CHECK(std::abs(all - 200'000) < 4 * std::sqrt(200'000.0));
    for (std::size_t i = 0; i < 20; ++i) {
        // Ten periods of ten seconds each; the cosine's mean between two angles is the sine's rise over them.
        const double step = 2 * 3.14159265358979323846 / 20, from = static_cast<double>(i) * step;
        const double expected = 10'000 * (1 - 0.8 * (std::sin(from + step) - std::sin(from)) / step);
        INFO(i);
        CHECK(std::abs(by_hour[i] - expected) < 4 * std::sqrt(expected));
    }
    CHECK(by_hour[9] + by_hour[10] > 1.7 * 20'000);
}

TEST_CASE("a seed gives the same arrivals, another gives others, and times never fall") {
    const auto times = [](std::uint64_t seed) {
        std::vector<Ticks> at;
        const auto source = make_renewal(1000, Gaps::weibull(2.5), plain_requests(seed), seed);
        for (const Arrival& a : all_of(*source, 5000)) at.push_back(a.at);
        return at;
    };
    CHECK(times(4) == times(4));
    CHECK(times(4) != times(5));
    const auto at = times(4);
    CHECK(std::is_sorted(at.begin(), at.end()));
}

TEST_CASE("the first arrivals of a seed are these on every machine") {
    const auto source = make_renewal(2, Gaps::exponential(), plain_requests(), 42);
    Rng rng = Rng(42 ^ 0x6172726976616c73, 1, 0);   // the stream of gaps, by what it is made of
    Ticks at = 0;
    for (int i = 0; i < 100; ++i) {
        at += to_ticks(-std::log(rng.open_uniform()) * 0.5);
        CHECK(source->next()->at == at);
    }
}

TEST_CASE("arrivals beyond what simulated time holds end the source with the reason") {
    const auto source = make_renewal(1e-6, Gaps::exponential(), plain_requests(), 1);
    const auto arrivals = all_of(*source, 1000);
    CHECK(arrivals.size() < 30);   // 9 on the mean
    REQUIRE(source->problems().size() == 1);
    CHECK_THAT(source->problems()[0].what, ContainsSubstring("104 days"));
    CHECK_FALSE(source->next());
}
