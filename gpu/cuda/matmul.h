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
// bf16 and fp16; fp8 from compute capability 8.9; fp8 with 128-blocks on 9.0, where cuBLASLt multiplies it.
bool matmul_format(const Session& session, NumberFormat format);

// A description of one product, and the algorithm chosen for it. `scales` (fp8: all 1) must live as long.
class Matmul {
public:
    // Asks cuBLASLt's heuristic. Throws DeviceError (unsupported) when it knows no algorithm.
    Matmul(Session& session, const MatmulShape& shape);
    ~Matmul();
    Matmul(Matmul&&) noexcept;

    // Runs the heuristic's first few algorithms on these operands and keeps the fastest.
    void choose(const void* a, const void* w, void* c);
    void enqueue(const void* a, const void* w, void* c) const;
    // "cublasLt, algorithm 2 of 5".
    std::string text() const;

private:
    struct Plan;
    std::unique_ptr<Plan> plan_;
};

}  // namespace moeplan::cuda
