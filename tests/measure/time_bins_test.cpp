#include "sim/measure/time_bins.h"

#include <cmath>
#include <random>

#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("bins sum amounts where they happen", "[measure]") {
    TimeBins bins(2, 0, 0);
    bins.add(0, to_ticks(0.1), 3);
    bins.add(0, to_ticks(0.3), 4);
    bins.add(1, to_ticks(0.3), 100);
    CHECK(bins.sum_between(0, 0, kNever) == 7);
    CHECK(bins.sum_between(0, 0, to_ticks(0.2)) == 3);
    CHECK(bins.sum_between(0, to_ticks(0.2), to_ticks(0.4)) == 4);
    CHECK(bins.sum_between(1, 0, kNever) == 100);
}

TEST_CASE("a level's integral is its value times its time, wherever the bins end", "[measure]") {
    TimeBins bins(0, 1, 0);
    bins.hold(0, to_ticks(0.05), to_ticks(0.25), 4);   // 0.8
    bins.hold(0, to_ticks(0.15), to_ticks(0.35), 1);   // 0.2, beside it
    CHECK(bins.integral_between(0, 0, kNever) == Approx(1.0).epsilon(1e-12));
    CHECK(bins.integral_between(0, to_ticks(0.1), to_ticks(0.2)) ==
          Approx(0.45).epsilon(0.02));  // a bin's share at the edges
    CHECK(bins.integral_between(0, to_ticks(0.5), to_ticks(9)) == Approx(0).margin(1e-12));
}

TEST_CASE("nothing is lost when bins fold", "[measure]") {
    TimeBins bins(1, 1, 1);
    std::mt19937_64 random(7);
    double amount = 0, integral = 0, highest = 0;
    for (int i = 0; i < 20'000; ++i) {
        // Times that grow to hours, so that the bins fold some twenty times.
        const double at =
            std::exp(static_cast<double>(i) / 20'000 * 18 - 8) + static_cast<double>(random() % 1000) * 1e-6;
        const double value = static_cast<double>(random() % 100), long_s = at * 0.3;
        bins.add(0, to_ticks(at), value);
        bins.hold(0, to_ticks(at), to_ticks(at + long_s), value);
        bins.reach(0, to_ticks(at), value + at * 1e-3);
        amount += value;
        integral += value * to_seconds(to_ticks(at + long_s) - to_ticks(at));
        highest = std::max(highest, value + at * 1e-3);
    }
    CHECK(bins.width_s() > 10);
    CHECK(bins.sum_between(0, 0, kNever) == amount);
    CHECK(bins.integral_between(0, 0, kNever) == Approx(integral).epsilon(1e-9));
    CHECK(bins.peak_since(0, 0) == highest);
}

TEST_CASE("a level keeps its course through folding", "[measure]") {
    TimeBins bins(0, 1, 0);
    bins.hold(0, to_ticks(10), to_ticks(20), 2);
    bins.hold(0, to_ticks(5000), to_ticks(5001), 1);   // folds to 16 s bins or so
    const auto each = bins.integrals(0);
    double early = 0;
    for (std::size_t i = 0; i < each.size(); ++i) {
        if (static_cast<double>(i + 1) * bins.width_s() <= 64) early += each[i];
        else if (static_cast<double>(i) * bins.width_s() < 4900) CHECK(each[i] == Approx(0).margin(1e-9));
    }
    CHECK(early == Approx(20).epsilon(1e-9));
}

TEST_CASE("a peak is looked for from the bin that holds the time", "[measure]") {
    TimeBins bins(0, 0, 1);
    bins.reach(0, to_ticks(0.1), 9);
    bins.reach(0, to_ticks(0.4), 5);
    CHECK(bins.peak_since(0, 0) == 9);
    CHECK(bins.peak_since(0, to_ticks(0.2)) == 5);
}

TEST_CASE("bins reach to the last tick there is", "[measure]") {
    TimeBins bins(1, 1, 0);
    const Ticks last = kNever - 1;
    bins.add(0, last, 3);
    bins.hold(0, last - to_ticks(1), last, 2);
    CHECK(bins.sum_between(0, 0, kNever) == Approx(3));
    CHECK(bins.integral_between(0, 0, kNever) == Approx(2).epsilon(1e-6));
}
