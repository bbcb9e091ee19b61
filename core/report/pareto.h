#pragma once
// The points nothing beats: as fast for the user and as much for the operator as any.

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace moeplan {

// Indices of the points (x, y), more of both being better, to which no other point is at least equal in both and better in one;
// by ascending x. Of equal points the first stands for all. Points that are not finite are left out.
std::vector<std::size_t> pareto_front(std::span<const std::pair<double, double>> points);

}  // namespace moeplan
