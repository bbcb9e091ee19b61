#pragma once
// Percentiles by nearest rank: the ceil(p x n)-th smallest of n values, one of them, never between two.

#include <cstddef>
#include <vector>

namespace moeplan {

// From 0; p is clamped to 0 … 1. Requires n > 0.
std::size_t nearest_rank(std::size_t n, double p);

// Reorders `values`, which must not be empty.
float order_statistic(std::vector<float>& values, double p);

}  // namespace moeplan
