#pragma once
// One product per expert: rows[first_e … first_e + load_e, k] * W_e[n, k]^T, experts without rows left out. bf16 and fp16
// by cuBLAS's grouped GEMM where it runs (n and k multiples of 8); otherwise, and for fp8, one cuBLASLt product after the other.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gpu/cuda/matmul.h"

namespace moeplan::cuda {

class ExpertMatmul {
public:
    // Rows lie in the order of the experts. Throws DeviceError.
    ExpertMatmul(Session& session, const std::vector<std::int64_t>& loads, std::int64_t n, std::int64_t k,
                 NumberFormat format);

    // Tries what will run on these operands: weights are experts x n x k.
    void choose(const void* rows, const void* weights, void* out);
    // The operands of a set of buffers; returns its number. Call after choose().
    int add_operands(const void* rows, const void* weights, void* out);
    void enqueue(int operands) const;
    std::string text() const;

private:
    struct Part {
        std::int64_t expert, first_row, rows;
    };
    struct Operands {
        std::vector<const void*> rows, weights;
        std::vector<void*> out;
        DeviceBuffer device_rows, device_weights, device_out;  // the same pointers, for the grouped GEMM
    };
    Operands point(const void* rows, const void* weights, void* out) const;
    cublasStatus_t run_grouped(const Operands& o) const;
    void run_each(const Operands& o) const;

    Session& session_;
    std::int64_t n_, k_;
    NumberFormat format_;
    std::vector<Part> parts_;
    bool grouped_ = false;
    std::map<std::int64_t, Matmul> by_rows_;  // one description for each number of rows
    std::vector<Operands> operands_;
};

}  // namespace moeplan::cuda
