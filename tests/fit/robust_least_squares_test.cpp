#include "core/fit/robust_least_squares.h"

#include <cmath>

#include "core/routing/rng.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

// a e^(b t) at 40 times; x holds the logarithm of a, and b.
std::vector<double> curve(const std::vector<double>& x) {
    std::vector<double> y;
    for (int i = 0; i < 40; ++i) y.push_back(x[0] + x[1] * i / 40.0);
    return y;
}

RobustLoss loss_of(std::size_t n, double pull = 0) { return {std::vector<double>(n, 1.0 / static_cast<double>(n)), 0.1, {0, 0}, pull}; }
const std::vector<double> kOrigin{0, 0};
const Box kWide{{-10, -10}, {10, 10}};

}  // namespace

TEST_CASE("parameters are found, and wild measurements do not pull them", "[fit]") {
    std::vector<double> measured = curve({1.5, -2});
    const auto residuals = [&](const std::vector<double>& x) {
        std::vector<double> r = curve(x);
        for (std::size_t i = 0; i < r.size(); ++i) r[i] -= measured[i];
        return r;
    };
    const auto exact = least_robust(residuals, loss_of(40), kOrigin, kWide, 0.1, 30);
    CHECK(exact[0] == Approx(1.5).margin(1e-3));
    CHECK(exact[1] == Approx(-2).margin(2e-3));
    for (const std::size_t i : {3U, 17U, 33U}) measured[i] += 5;
    const auto wild = least_robust(residuals, loss_of(40), kOrigin, kWide, 0.1, 30);
    CHECK(wild[0] == Approx(1.5).margin(0.05));
    CHECK(wild[1] == Approx(-2).margin(0.1));
}

TEST_CASE("residuals that jump are seen past", "[fit]") {
    Rng rng(5);
    std::vector<double> noise;
    for (int i = 0; i < 40; ++i) noise.push_back(0.02 * (rng.uniform() - 0.5));
    // As a simulation's: what comes out moves in steps of a hundredth.
    const auto residuals = [&](const std::vector<double>& x) {
        std::vector<double> r = curve(x), truth = curve({0.7, 1.2});
        for (std::size_t i = 0; i < r.size(); ++i) r[i] = std::floor(100 * (r[i] - truth[i] + noise[i])) / 100;
        return r;
    };
    const auto found = least_robust(residuals, loss_of(40), kOrigin, kWide, 0.12, 20);
    CHECK(found[0] == Approx(0.7).margin(0.03));
    CHECK(found[1] == Approx(1.2).margin(0.06));
}

TEST_CASE("the box is kept, a pull draws back to the start, and nothing is made worse", "[fit]") {
    const auto residuals = [](const std::vector<double>& x) { return std::vector<double>{x[0] - 3, x[1] + 3}; };
    const auto boxed = least_robust(residuals, loss_of(2), kOrigin, {{-1, -1}, {1, 1}}, 0.1, 20);
    CHECK(boxed[0] == Approx(1));
    CHECK(boxed[1] == Approx(-1));
    const auto pulled = least_robust(residuals, loss_of(2, 1e6), kOrigin, kWide, 0.1, 20);
    CHECK(std::abs(pulled[0]) < 1e-4);
    // No slope anywhere: it stays.
    const auto flat = least_robust([](const std::vector<double>&) { return std::vector<double>{1, 2}; }, loss_of(2), kOrigin, kWide, 0.1, 20);
    CHECK(flat == std::vector<double>{0, 0});
    CHECK(least_robust(residuals, loss_of(2), kOrigin, kWide, 0.1, 0) == kOrigin);
    // A side without width holds its parameter, and says nothing to the others.
    const auto held = least_robust(residuals, loss_of(2), {0.5, 0}, {{0.5, -10}, {0.5, 10}}, 0.1, 20);
    CHECK(held[0] == 0.5);
    CHECK(held[1] == Approx(-3));
}
