#pragma once
// Where a run has settled.

#include <cstddef>
#include <optional>
#include <span>

namespace moeplan {

// MSER-5: of the means of 5 values each, how many from the start to leave out so that the mean of the rest has the smallest
// standard error: the d that minimises sum over i >= d of (Y_i - mean)^2 / (k - d)^2. Searched over the first half only;
// a minimum in its last tenth says the run never settled: absent. Absent below 100 values (nothing to judge by).
// Returns values to leave out, a multiple of 5. Takes O(n).
// Source: White, Cobb & Spratt, "A comparison of five steady-state truncation heuristics for simulation", WSC 2000.
std::optional<std::size_t> settled_after(std::span<const float> values);

constexpr std::size_t kSettlingBatch = 5;
constexpr std::size_t kFewestToSettle = 100;

}  // namespace moeplan
