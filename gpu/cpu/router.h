#pragma once
// Scores to experts: softmax over all, the top_k largest (the lower number on a tie), their probabilities made to sum
// to 1. As Mixtral does (arXiv 2401.04088, section 2.1): softmax over the chosen scores is the same numbers.

#include <cstdint>

#include "core/kernels/kernel.h"

namespace moeplan::cpu {

// scores [tokens][experts]; chosen and weights [tokens][top_k], best first.
void route(const RouterKernel& shape, const float* scores, std::int32_t* chosen, float* weights);

}  // namespace moeplan::cpu
