#pragma once
// Axes of a grid that set the same thing by different names: "a.count" and "candidates[0].count", "count" of `sweep:`, or a path
// and one inside it. Of two such values only one could count, and the table would show both.

#include "core/base/result.h"
#include "core/scenario/scenario.h"
#include "sim/sweep/grid.h"

namespace moeplan {

// `base`: the study without the axes, whose candidates' names may begin a path. One problem for each pair.
Problems overlapping_axes(const Grid& grid, const Scenario& base);

}  // namespace moeplan
