#include "core/report/pareto.h"

#include <cmath>
#include <limits>
#include <random>

#include "tests/support/catch.h"

using namespace moeplan;
using Points = std::vector<std::pair<double, double>>;

TEST_CASE("the front is what nothing beats in both") {
    CHECK(pareto_front(Points{{1, 5}, {2, 4}, {2, 3}, {3, 4}, {4, 1}, {3, 4}}) == std::vector<std::size_t>{0, 3, 4});
    CHECK(pareto_front(Points{}).empty());
    CHECK(pareto_front(Points{{1, 1}}) == std::vector<std::size_t>{0});
    CHECK(pareto_front(Points{{std::nan(""), 9}, {1, 1}, {2, std::numeric_limits<double>::infinity()}}) == std::vector<std::size_t>{1});
}

TEST_CASE("every point is on the front or beaten by one that is") {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        Points points;
        for (int i = 0; i < 30; ++i) points.emplace_back(random() % 9, random() % 9);
        const auto front = pareto_front(points);
        const auto beats = [&](std::size_t a, std::size_t b) { return points[a].first >= points[b].first && points[a].second >= points[b].second; };
        for (std::size_t i = 0; i < points.size(); ++i) {
            bool covered = false;
            for (const std::size_t f : front) covered = covered || beats(f, i);
            CHECK(covered);
        }
        for (std::size_t i = 1; i < front.size(); ++i) {
            CHECK(points[front[i - 1]].first < points[front[i]].first);
            CHECK(points[front[i - 1]].second > points[front[i]].second);
        }
    }
}
