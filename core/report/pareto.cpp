#include "core/report/pareto.h"

#include <algorithm>
#include <cmath>

namespace moeplan {

std::vector<std::size_t> pareto_front(std::span<const std::pair<double, double>> points) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (std::isfinite(points[i].first) && std::isfinite(points[i].second)) order.push_back(i);
    }
    // From the largest x down: a point is on the front when its y exceeds all seen so far.
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return points[a] > points[b]; });
    std::vector<std::size_t> front;
    for (const std::size_t i : order) {
        if (front.empty() || points[i].second > points[front.back()].second) front.push_back(i);
    }
    std::ranges::reverse(front);
    return front;
}

}  // namespace moeplan
