#pragma once
// The kriging variance from the nearest points only: what lies behind them adds next to nothing (the screening effect;
// Stein, Interpolation of Spatial Data, 1999). Internal to core/fit.

#include <cstddef>
#include <utility>
#include <vector>

#include "core/fit/gaussian_process.h"

namespace moeplan::gp {

constexpr std::size_t kNeighbours = 12;

// Squared distance in length scales, and the point's index.
using Near = std::vector<std::pair<double, std::size_t>>;

// The kNeighbours nearest, nearest first; of equals the lowest index.
void keep_nearest(Near& all);

// Standard deviation of a new measurement at these distances from these points (kNeighbours at most).
double local_deviation(const GpModel& model, const Near& near);

}  // namespace moeplan::gp
