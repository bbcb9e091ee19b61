#include "gpu/cpu/activation.h"

#include "gpu/cpu/parallel.h"

namespace moeplan::cpu {
namespace {

template <class From, class To>
MOEPLAN_INLINE void row(const From* from, std::int64_t width, bool gated, float scale, To* to) {
    if (gated) {
#pragma omp simd
        for (std::int64_t i = 0; i < width; ++i)
            to[i] = narrow<To>(silu(widen(from[width + i]) * scale) * (widen(from[i]) * scale));
    } else {
#pragma omp simd
        for (std::int64_t i = 0; i < width; ++i) to[i] = narrow<To>(silu(widen(from[i]) * scale));
    }
}

MOEPLAN_CLONES void one(const Bf16* from, std::int64_t width, bool gated, Bf16* to) {
    row(from, width, gated, 1.0F, to);
}
MOEPLAN_CLONES void one(const float* from, std::int64_t width, bool gated, float* to) {
    row(from, width, gated, 1.0F, to);
}
MOEPLAN_CLONES void one(const float* from, std::int64_t width, bool gated, float scale, std::int8_t* to) {
    row(from, width, gated, scale, to);
}

}  // namespace

void activate(const ActivationShape& s, const Bf16* from, Bf16* to) {
    parallel_for(s.rows, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t r = begin; r < end; ++r)
            one(from + r * s.width * (s.gated ? 2 : 1), s.width, s.gated, to + r * s.width);
    });
}

void activate(const ActivationShape& s, const float* from, float* to) {
    parallel_for(s.rows, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t r = begin; r < end; ++r)
            one(from + r * s.width * (s.gated ? 2 : 1), s.width, s.gated, to + r * s.width);
    });
}

void activate(const ActivationShape& s, const float* from, float scale, std::int8_t* to) {
    parallel_for(s.rows, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t r = begin; r < end; ++r) {
            one(from + r * s.width * (s.gated ? 2 : 1), s.width, s.gated, scale, to + r * s.width);
        }
    });
}

}  // namespace moeplan::cpu
