#pragma once
// C[m,n] = A[m,k] * W[k,n] by the kernel library this program was built with: oneDNN, or Eigen (fp32 only).
// W is brought once into the library's own layout (pack), which holds for every m.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/number_format.h"

namespace moeplan::cpu {

// "oneDNN 2.6.3" or "Eigen 3.4.0 (built without oneDNN)".
std::string matmul_library();
// Formats that can be multiplied on this processor. bf16: bf16 in and out; int8: int8 in, fp32 out (a scale would be
// applied by what reads it); fp32: fp32. Sums are in fp32, of int8 in int32.
const std::vector<NumberFormat>& matmul_formats();

class Matmul {
public:
    // The layout is the one the library prefers for typical_m rows. fp32_result: C in fp32 whatever the format.
    // Throws std::runtime_error when the format is not one of matmul_formats().
    Matmul(std::int64_t n, std::int64_t k, NumberFormat format, std::int64_t typical_m, bool fp32_result = false);
    ~Matmul();
    Matmul(Matmul&&) noexcept;

    std::size_t packed_bytes() const;
    // plain: k rows of n in the format; packed: packed_bytes(), 64-byte aligned.
    void pack(const void* plain, void* packed) const;
    // Builds what run() needs for this m, which takes milliseconds. Requires m >= 1.
    void prepare(std::int64_t m);
    // Requires prepare(m) before.
    void run(std::int64_t m, const void* a, const void* packed, void* c);
    // "brgemm:avx512_core_bf16", as the library names it; of the last m prepared.
    std::string implementation() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace moeplan::cpu
