#pragma once
// Percentiles by nearest rank: the ceil(p x n)-th smallest of n values, one of them, never between two.

#include <cstddef>
#include <vector>

namespace moeplan {

// From 0; p is clamped to 0 … 1. Requires n > 0.
std::size_t nearest_rank(std::size_t n, double p);

// Reorders `values`, which must not be empty.
float order_statistic(std::vector<float>& values, double p);

// Those of several p at once, in order of `ps`. Values are >= 0 and not empty; they stay as they are. Two passes, however many
// p: values are counted by their leading bits, and only those that share them with an answer are sorted.
std::vector<float> order_statistics(const std::vector<float>& values, const std::vector<double>& ps);

// The shares a picture of a distribution is drawn at: 0, 0.01 … 0.99, 0.995, 0.999, 1.
const std::vector<double>& drawn_shares();

}  // namespace moeplan
