#pragma once
// The activation between an expert's two products.

#include <cstdint>

#include "gpu/cpu/element.h"

namespace moeplan::cpu {

// Gated: from [rows][2 * width] holds up, then gate; to = silu(gate) * up. Otherwise from [rows][width]; to =
// silu(from). Source: Shazeer, arXiv 2002.05202 (SwiGLU).
struct ActivationShape {
    std::int64_t rows = 0, width = 0;
    bool gated = true;
};
void activate(const ActivationShape& shape, const Bf16* from, Bf16* to);
void activate(const ActivationShape& shape, const float* from, float* to);
// from holds sums of int8 products; `scale` makes numbers about 1 of them.
void activate(const ActivationShape& shape, const float* from, float scale, std::int8_t* to);

}  // namespace moeplan::cpu
