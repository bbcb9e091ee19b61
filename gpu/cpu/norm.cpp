#include "gpu/cpu/norm.h"

#include <cmath>

#include "gpu/cpu/parallel.h"

namespace moeplan::cpu {
namespace {

template <class T>
MOEPLAN_INLINE void row(std::int64_t width, T* stream, const T* delta, T* normed) {
    float squares = 0;
#pragma omp simd reduction(+ : squares)
    for (std::int64_t i = 0; i < width; ++i) {
        const float sum = widen(stream[i]) + widen(delta[i]);
        stream[i] = narrow<T>(sum);
        squares += sum * sum;
    }
    const float scale = 1.0F / std::sqrt(squares / static_cast<float>(width) + 1e-6F);
#pragma omp simd
    for (std::int64_t i = 0; i < width; ++i) normed[i] = narrow<T>(widen(stream[i]) * scale);
}

MOEPLAN_CLONES void one(std::int64_t width, float* stream, const float* delta, float* normed) {
    row(width, stream, delta, normed);
}
MOEPLAN_CLONES void one(std::int64_t width, Bf16* stream, const Bf16* delta, Bf16* normed) {
    row(width, stream, delta, normed);
}

template <class T>
void all(std::int64_t rows, std::int64_t width, T* stream, const T* delta, T* normed) {
    parallel_for(rows, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t r = begin; r < end; ++r)
            one(width, stream + r * width, delta + r * width, normed + r * width);
    });
}

}  // namespace

void add_and_norm(std::int64_t rows, std::int64_t width, float* stream, const float* delta, float* normed) {
    all(rows, width, stream, delta, normed);
}
void add_and_norm(std::int64_t rows, std::int64_t width, Bf16* stream, const Bf16* delta, Bf16* normed) {
    all(rows, width, stream, delta, normed);
}

}  // namespace moeplan::cpu
