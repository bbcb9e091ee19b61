#pragma once
// A transformer step timed, and each of its kernels alone.

#include "core/base/result.h"
#include "gpu/cpu/transformer_step.h"
#include "gpu/protocol/step.h"

namespace moeplan::cpu {

// At most `seconds` for the step, and with `alone` as much again for its kernels. Errors: it does not fit into memory
// (ProblemKind::infeasible), a kernel library that fails.
Result<StepMeasurement> measure_step(const StepShape& shape, double seconds, bool alone);

}  // namespace moeplan::cpu
