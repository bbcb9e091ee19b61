#pragma once
// The pass over memory between the parts of a layer.

#include <cstdint>

#include "gpu/cpu/element.h"

namespace moeplan::cpu {

// stream += delta; normed = stream / sqrt(mean(stream^2) + 1e-6), rows of `width`. Reads two rows and writes two: as
// many bytes as a copy of 2 * rows * width elements. Source: Zhang and Sennrich, arXiv 1910.07467 (RMSNorm; gains are
// 1).
void add_and_norm(std::int64_t rows, std::int64_t width, float* stream, const float* delta, float* normed);
void add_and_norm(std::int64_t rows, std::int64_t width, Bf16* stream, const Bf16* delta, Bf16* normed);

}  // namespace moeplan::cpu
