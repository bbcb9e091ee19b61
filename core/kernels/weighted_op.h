#pragma once
// An operation and how much it matters: what a study's time goes to, and so what is worth measuring for it.

#include "core/ops/op.h"

namespace moeplan {

struct WeightedOp {
    OpKind op;
    double seconds = 0;  // of the study's time that this op stands for; > 0
};

}  // namespace moeplan
