#pragma once
// The comparisons, one kernel each; kernel_checks() lists them.

#include "gpu/cuda/check/comparison.h"

namespace moeplan::cuda {

Comparison check_router(CheckRandom& random, CheckSize size);
Comparison check_place(CheckRandom& random, CheckSize size);
Comparison check_gather(CheckRandom& random, CheckSize size);
Comparison check_combine(CheckRandom& random, CheckSize size);
Comparison check_round_trip(CheckRandom& random,
                            CheckSize size);   // combined with weights that add up to 1, rows come back
Comparison check_activation(CheckRandom& random, CheckSize size);
Comparison check_quantise(CheckRandom& random, CheckSize size);
Comparison check_fill(CheckRandom& random, CheckSize size);
Comparison check_read(CheckRandom& random, CheckSize size);
Comparison check_decode(CheckRandom& random, CheckSize size);
Comparison check_constant_values(CheckRandom& random, CheckSize size);   // values all the same come back

}  // namespace moeplan::cuda
