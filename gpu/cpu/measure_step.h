#pragma once
// A transformer step timed, and each of its kernels alone.

#include "core/base/result.h"
#include "gpu/cpu/transformer_step.h"
#include "gpu/protocol/step.h"

namespace moeplan::cpu {

// For about `seconds`. alone: the step, kernel by kernel, and each of its kernels alone in turn, so that load of the
// machine meets both alike; they are in memory together. Errors: it does not fit into memory
// (ProblemKind::infeasible), a kernel library that fails.
Result<StepMeasurement> measure_step(const StepShape& shape, double seconds, bool alone);

}  // namespace moeplan::cpu
