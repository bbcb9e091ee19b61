#pragma once
// The kernels and the cuBLAS paths on the real device against plain host references, as a table.

#include <cstdint>
#include <iosfwd>

#include "core/base/number_format.h"
#include "gpu/cuda/check/comparison.h"
#include "gpu/cuda/session.h"

namespace moeplan::cuda {

// Products and expert layers; the kernels alone are in check/.
Comparison check_matmul(Session& session, NumberFormat format, CheckRandom& random);
Comparison check_expert_layer(Session& session, NumberFormat format, CheckRandom& random);

// On shapes of that size. True when everything agrees. What the greeting does not
// offer is named and does not fail; what it offers and cannot run fails.
bool self_test(Session& session, std::uint64_t seed, CheckSize size, std::ostream& out);

}  // namespace moeplan::cuda
