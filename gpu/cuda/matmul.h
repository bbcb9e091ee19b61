#pragma once
// C[m, n] = A[m, k] * W[n, k]^T by cuBLASLt: both operands with k contiguous, as fp8 asks for on every chip.

#include <cublasLt.h>

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/number_format.h"
#include "gpu/cuda/operators.h"
#include "gpu/cuda/session.h"

namespace moeplan::cuda {

struct MatmulShape {
    std::int64_t m = 0, n = 0, k = 0;
    NumberFormat format = NumberFormat::bf16;   // bf16, fp16, fp8, fp8_block
    bool anywhere = false;                      // operands may start at any row of larger ones
};

// How a format's inputs and results are stored: fp8 gives bf16.
Element input_element(NumberFormat format);
Element result_element(NumberFormat format);
// Why this GPU and the cuBLASLt found do not multiply in that format; empty when they do. bf16 and fp16 everywhere; fp8 from
// compute capability 8.9; fp8 with 128-blocks on 9.0, with cuBLASLt 12.9.
std::string matmul_missing(const Session& session, NumberFormat format);

// How many rows A and C of m rows have in memory. cuBLASLt takes fp8 with 128-blocks only by fours (cuBLAS documentation,
// "128-element 1D and 128x128 2D Block Scaling": M and N must be multiples of 4), and engines pad; the rows added are
// multiplied too.
std::int64_t stored_rows(NumberFormat format, std::int64_t m);

// Weights for sums of k products with numbers in +-1: drawn from +-weight_range() and multiplied by weight_scale(), results
// are of the size of 1 for every k. In fp8 the scale makes them small, as engines store them: in +-2/sqrt(k) itself most
// numbers would be subnormal, below 2^-6.
float weight_range(NumberFormat format, std::int64_t k);
float weight_scale(NumberFormat format, std::int64_t k);

// A description of one product, and the algorithm chosen for it. fp8: A's scales are 1, W's are weight_scale().
class Matmul {
public:
    // Asks cuBLASLt's heuristic. Throws DeviceError (unsupported) when it knows no algorithm.
    Matmul(Session& session, const MatmulShape& shape);
    ~Matmul();
    Matmul(Matmul&&) noexcept;

    // Runs the heuristic's first few algorithms on these operands and keeps the fastest. `a` and `c` have stored_rows().
    void choose(const void* a, const void* w, void* c);
    void enqueue(const void* a, const void* w, void* c) const;
    // "cublasLt, algorithm 2 of 5".
    std::string text() const;

private:
    struct Plan;
    std::unique_ptr<Plan> plan_;
};

}  // namespace moeplan::cuda
