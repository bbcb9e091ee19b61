#include "core/fit/minimise.h"

#include <cmath>
#include <functional>

#include "tests/support/catch.h"

using namespace moeplan;

namespace {

// A gradient of central differences, so that functions without one go through the same search.
std::vector<double> minimise_by_differences(const std::function<double(const std::vector<double>&)>& value, std::vector<double> start,
                                            const Box& box, double step, int evaluations) {
    const Objective objective = [&value, step](const std::vector<double>& x, std::vector<double>& gradient) {
        std::vector<double> moved = x;
        for (std::size_t i = 0; i < gradient.size(); ++i) {
            moved[i] = x[i] + step;
            const double above = value(moved);
            moved[i] = x[i] - step;
            gradient[i] = (above - value(moved)) / (2 * step);
            moved[i] = x[i];
        }
        return value(x);
    };
    return minimise(objective, std::move(start), box, evaluations);
}

double bowl(const std::vector<double>& x) { return std::pow(x[0] - 1, 2) + 10 * std::pow(x[1] + 2, 2); }

}  // namespace

TEST_CASE("the bottom of a bowl is found with and without a gradient") {
    const Box box{{-5, -5}, {5, 5}};
    const Objective with = [](const std::vector<double>& x, std::vector<double>& g) {
        if (!g.empty()) g = {2 * (x[0] - 1), 20 * (x[1] + 2)};
        return bowl(x);
    };
    const std::vector<double> a = minimise(with, {4, 4}, box, 100);
    CHECK(a[0] == Approx(1).margin(1e-3));
    CHECK(a[1] == Approx(-2).margin(1e-3));
    const std::vector<double> b = minimise_by_differences(bowl, {4, 4}, box, 1e-4, 100);
    CHECK(b[0] == Approx(1).margin(1e-2));
    CHECK(b[1] == Approx(-2).margin(1e-2));
}

TEST_CASE("the search stays in its box") {
    const std::vector<double> x = minimise_by_differences(bowl, {100, 100}, {{2, -1}, {5, 5}}, 1e-4, 100);
    CHECK(x[0] == Approx(2).margin(1e-3));
    CHECK(x[1] == Approx(-1).margin(1e-3));
}

TEST_CASE("what is not a number is a step too far, and the answer is never worse than the start") {
    const auto cliff = [](const std::vector<double>& x) { return x[0] < 0 ? std::nan("") : x[0]; };
    const std::vector<double> x = minimise_by_differences(cliff, {3}, {{-10}, {10}}, 1e-4, 50);
    CHECK(x[0] >= 0);
    CHECK(x[0] <= 3);
    CHECK(minimise_by_differences(cliff, {}, {}, 1e-4, 50).empty());
}
