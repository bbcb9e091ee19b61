#pragma once
// D = op(A) op(B) with columns contiguous, as BLAS has it: element (r, c) lies at r + c * pitch.

#include <library_types.h>

#include <cstdint>
#include <numeric>
#include <vector>

#include "gpu/cuda/number_codec.h"

namespace moeplan::pretend {

struct Matrix {
    const void* at = nullptr;
    cudaDataType_t type = CUDA_R_16BF;
    std::int64_t pitch = 0;
    bool transposed = false;

    float operator()(std::int64_t row, std::int64_t column) const {
        const std::int64_t i = transposed ? column + row * pitch : row + column * pitch;
        if (type == CUDA_R_8F_E4M3) return cuda::fp8_value(static_cast<const std::uint8_t*>(at)[i]);
        const std::uint16_t bits = static_cast<const std::uint16_t*>(at)[i];
        return type == CUDA_R_16F ? cuda::fp16_value(bits) : cuda::bf16_value(bits);
    }
};

inline void multiply(std::int64_t m, std::int64_t n, std::int64_t k, const Matrix& a, const Matrix& b, float scale,
                     void* d, cudaDataType_t type, std::int64_t pitch) {
    std::vector<float> rows, columns;
    for (std::int64_t row = 0; row < m; ++row) {
        for (std::int64_t i = 0; i < k; ++i) rows.push_back(a(row, i));
    }
    for (std::int64_t column = 0; column < n; ++column) {
        for (std::int64_t i = 0; i < k; ++i) columns.push_back(b(i, column));
    }
    for (std::int64_t column = 0; column < n; ++column) {
        for (std::int64_t row = 0; row < m; ++row) {
            const float sum = scale * std::inner_product(rows.begin() + row * k, rows.begin() + (row + 1) * k,
                                                         columns.begin() + column * k, 0.0f);
            static_cast<std::uint16_t*>(d)[row + column * pitch] =
                type == CUDA_R_16F ? cuda::fp16_bits(sum) : cuda::bf16_bits(sum);
        }
    }
}

}  // namespace moeplan::pretend
