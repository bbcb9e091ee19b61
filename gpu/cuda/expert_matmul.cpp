#include "gpu/cuda/expert_matmul.h"

namespace moeplan::cuda {

ExpertMatmul::ExpertMatmul(Session& session, const std::vector<std::int64_t>& loads, std::int64_t n, std::int64_t k,
                           NumberFormat format)
    : session_(session), n_(n), k_(k), format_(format) {
    std::int64_t row = 0;
    for (std::size_t e = 0; e < loads.size(); ++e) {
        if (loads[e] > 0) parts_.push_back({static_cast<std::int64_t>(e), row, loads[e]});
        row += loads[e];
    }
}

ExpertMatmul::Operands ExpertMatmul::point(const void* rows, const void* weights, void* out) const {
    Operands o;
    const std::int64_t in = bytes_of(input_element(format_)), made = bytes_of(result_element(format_));
    for (const Part& part : parts_) {
        o.rows.push_back(static_cast<const unsigned char*>(rows) + part.first_row * k_ * in);
        o.weights.push_back(static_cast<const unsigned char*>(weights) + part.expert * n_ * k_ * in);
        o.out.push_back(static_cast<unsigned char*>(out) + part.first_row * n_ * made);
    }
    o.device_rows = DeviceBuffer::of(o.rows);
    o.device_weights = DeviceBuffer::of(o.weights);
    o.device_out = DeviceBuffer::of(o.out);
    return o;
}

// A group per expert. cuBLAS counts columns first: see matmul.cpp.
cublasStatus_t ExpertMatmul::run_grouped(const Operands& o) const {
#if MOEPLAN_HAS_GROUPED_GEMM
    const std::size_t groups = parts_.size();
    const std::vector<cublasOperation_t> transposed(groups, CUBLAS_OP_T), plain(groups, CUBLAS_OP_N);
    const std::vector<int> n(groups, static_cast<int>(n_)), k(groups, static_cast<int>(k_)), one_each(groups, 1);
    std::vector<int> m;
    for (const Part& part : parts_) m.push_back(static_cast<int>(part.rows));
    const std::vector<float> one(groups, 1.0f), zero(groups, 0.0f);
    const cudaDataType_t type = format_ == NumberFormat::fp16 ? CUDA_R_16F : CUDA_R_16BF;
    return blas_api().gemm_grouped(session_.blas(), transposed.data(), plain.data(), n.data(), m.data(), k.data(),
                                   one.data(), o.device_weights.as<const void*>(), type, k.data(),
                                   o.device_rows.as<const void*>(), type, k.data(), zero.data(),
                                   o.device_out.as<void*>(), type, n.data(), static_cast<int>(groups), one_each.data(),
                                   CUBLAS_COMPUTE_32F);
#else
    static_cast<void>(o);
    return CUBLAS_STATUS_NOT_SUPPORTED;
#endif
}

void ExpertMatmul::run_each(const Operands& o) const {
    for (std::size_t i = 0; i < parts_.size(); ++i)
        by_rows_.at(parts_[i].rows).enqueue(o.rows[i], o.weights[i], o.out[i]);
}

void ExpertMatmul::choose(const void* rows, const void* weights, void* out) {
    const Operands o = point(rows, weights, out);
    const bool wide = input_element(format_) != Element::fp8;
    // The grouped GEMM takes operands from 16-byte boundaries on: eight numbers.
    const bool aligned = n_ % 8 == 0 && k_ % 8 == 0;
    if (wide && aligned && blas_api().grouped_missing.empty()) {
        const cublasStatus_t status = run_grouped(o);
        grouped_ = status == CUBLAS_STATUS_SUCCESS;
        const bool refused = status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_ARCH_MISMATCH;
        if (!grouped_ && !refused) check_blas(status, "cublasGemmGroupedBatchedEx");
        check(cudaStreamSynchronize(session_.stream()), "cublasGemmGroupedBatchedEx");
    }
    for (std::size_t i = 0; !grouped_ && i < parts_.size(); ++i) {
        const auto [at, made] =
            by_rows_.try_emplace(parts_[i].rows, session_, MatmulShape{parts_[i].rows, n_, k_, format_, true});
        if (made) at->second.choose(o.rows[i], o.weights[i], o.out[i]);
    }
}

int ExpertMatmul::add_operands(const void* rows, const void* weights, void* out) {
    operands_.push_back(point(rows, weights, out));
    return static_cast<int>(operands_.size()) - 1;
}

void ExpertMatmul::enqueue(int operands) const {
    const Operands& o = operands_.at(static_cast<std::size_t>(operands));
    if (grouped_) check_blas(run_grouped(o), "cublasGemmGroupedBatchedEx");
    else run_each(o);
}

std::string ExpertMatmul::text() const {
    return grouped_ ? "cuBLAS grouped GEMM" : std::to_string(parts_.size()) + " cublasLt GEMMs in turn";
}

}  // namespace moeplan::cuda
