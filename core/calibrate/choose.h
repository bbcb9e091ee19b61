#pragma once
// Which kernels to measure next: a start that fills the space of what a study asks, then where the fit is least sure,
// weighted by how much of the study's time depends on it. docs/calibration.md, "Choosing probes".

#include <cstdint>
#include <vector>

#include "core/calibrate/measurement.h"
#include "core/calibrate/profile.h"

namespace moeplan {

// Indices into `candidates` (all of one family and format), best first, at most `count`, none of `taken`.
// Without a fit: space-filling over log sizes. With one: largest predicted uncertainty times weight, spread so that
// a batch does not ask the same thing twice. weights may be empty (all 1). Without a fit every other pick (the odd
// positions) is a random draw instead, representative of the candidates.
std::vector<std::size_t> choose_probes(const std::vector<OpKind>& candidates, const std::vector<std::size_t>& taken,
                                       const FittedFamily* fit, const std::vector<double>& weights, std::size_t count,
                                       std::uint64_t seed);

}  // namespace moeplan
