#pragma once
// DeepSeek-V3's attention module, which public tables time as a whole: what it does beside its attention.

#include <vector>

#include "core/ops/op.h"

namespace moeplan {

// The products and passes of one module around `attention` (heads of this rank), as core/ops lowers them: projections in
// `linear`; what brings queries into the latent space and values out of it is kept in 16 bits by the engines.
// Source of the widths: DeepSeek-V3's configuration (hidden 7168, query rank 1536, latent 512 + 64, heads of 128 + 64 and 128).
std::vector<OpKind> beside_latent_attention(const Attention& attention, NumberFormat linear);

}  // namespace moeplan
