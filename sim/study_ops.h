#pragma once
// What a study's time goes to, as ops to measure.

#include <vector>

#include "core/base/result.h"
#include "core/catalog/catalog.h"
#include "core/kernels/weighted_op.h"
#include "core/scenario/scenario.h"

namespace moeplan {

// The ops of a study's candidates and the share of its time each stands for, by roofline: what is worth measuring for
// it. Every candidate's shares add up to 1. A candidate that does not fit counts with one request alone. Errors: the study's.
Result<std::vector<WeightedOp>> ops_of_study(const Scenario& scenario, const Catalog& catalog);

}  // namespace moeplan
