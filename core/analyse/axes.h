#pragma once
// Numeric axes of a sweep: which knob of an operating point or candidate a name turns.

#include <string>
#include <vector>

#include "core/analyse/evaluate.h"

namespace moeplan {

// "batch", "input", "output", "utilisation", "gpu_hour", "skew", "accuracy", "tokens_per_answer".
const std::vector<std::string>& numeric_axes();
// "model", "gpu", "count", "layout", "precision", "engine".
const std::vector<std::string>& name_axes();

bool is_numeric_axis(const std::string& name);

// Sets one knob. `skew` re-routes (a Zipf exponent), the others only move the operating point or the quality; `accuracy` is
// as sure as a study with as many questions that gives it.
// Errors: a value out of the axis's range, a skew that cannot be routed.
Result<void> set_axis(const std::string& name, double value, Prepared& candidate, OperatingPoint& point, std::uint64_t seed,
                      const PlacementSpec& placement);

}  // namespace moeplan
