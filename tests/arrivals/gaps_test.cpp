#include "sim/arrivals/gaps.h"

#include <cmath>

#include "tests/arrivals/statistics.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

constexpr int kDraws = 400'000;

std::vector<double> drawn(const Gaps& gaps, std::uint64_t seed, bool first = false) {
    Rng rng(seed);
    std::vector<double> values;
    for (int i = 0; i < kDraws; ++i) values.push_back(first ? gaps.draw_first(rng) : gaps.draw(rng));
    return values;
}

}  // namespace

TEST_CASE("gaps have mean one and the spread that was asked for") {
    for (const double cv : {0.3, 0.7, 1.0, 1.5, 3.0}) {
        for (const bool weibull : {false, true}) {
            INFO(cv << (weibull ? " Weibull" : " gamma"));
            const Moments m = moments_of(drawn(weibull ? Gaps::weibull(cv) : Gaps::gamma(cv), 7));
            CHECK(std::abs(m.mean - 1) < 4 * m.standard_error());
            CHECK(m.cv == Approx(cv).epsilon(cv > 2 ? 0.03 : 0.01));
        }
    }
    const Moments constant = moments_of(drawn(Gaps::gamma(0), 7));
    CHECK(constant.mean == 1);
    CHECK(constant.cv == 0);
}

TEST_CASE("a Weibull shape gives back the spread it was solved from") {
    CHECK(weibull_shape_of_cv(1) == Approx(1).epsilon(1e-9));
    // k = 2 (Rayleigh): variance over squared mean is 4/pi - 1.
    CHECK(weibull_shape_of_cv(std::sqrt(4 / 3.14159265358979323846 - 1)) == Approx(2).epsilon(1e-9));
    // k = 1/2: mean 2, second moment 24.
    CHECK(weibull_shape_of_cv(std::sqrt(5.0)) == Approx(0.5).epsilon(1e-9));
    CHECK(weibull_shape_of_cv(0.000999) == Approx(weibull_shape_of_cv(0.001001)).epsilon(0.01));
}

TEST_CASE("spread of one is the exponential distribution, by both families and by itself") {
    for (const Gaps& gaps : {Gaps::exponential(), Gaps::gamma(1), Gaps::weibull(1)}) {
        const auto values = drawn(gaps, 3);
        for (const double t : {0.1, 0.5, 1.0, 2.0, 4.0}) {
            double beyond = 0;
            for (const double v : values) beyond += v > t ? 1 : 0;
            const double p = std::exp(-t);
            INFO(t);
            CHECK(std::abs(beyond / kDraws - p) < 4 * std::sqrt(p * (1 - p) / kDraws));
        }
    }
}

TEST_CASE("the first gap is what is left of one that a random instant falls into") {
    // Its mean is E[X^2] / (2 E[X]) = (1 + cv^2) / 2.
    for (const double cv : {0.5, 1.0, 2.0}) {
        for (const bool weibull : {false, true}) {
            INFO(cv << (weibull ? " Weibull" : " gamma"));
            const Moments m = moments_of(drawn(weibull ? Gaps::weibull(cv) : Gaps::gamma(cv), 11, true));
            CHECK(std::abs(m.mean - (1 + cv * cv) / 2) < 4 * m.standard_error());
        }
    }
    CHECK(moments_of(drawn(Gaps::gamma(0), 11, true)).mean == Approx(0.5).epsilon(0.01));
}

TEST_CASE("gamma variables have their mean and variance at every shape") {
    for (const double shape : {0.02, 0.5, 1.0, 2.5, 100.0}) {
        INFO(shape);
        Rng rng(5);
        std::vector<double> values;
        for (int i = 0; i < kDraws; ++i) values.push_back(draw_gamma(shape, rng));
        const Moments m = moments_of(values);
        CHECK(std::abs(m.mean - shape) < 4 * m.standard_error());
        CHECK(m.cv == Approx(1 / std::sqrt(shape)).epsilon(shape < 0.1 ? 0.05 : 0.01));
    }
}
