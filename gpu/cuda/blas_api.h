#pragma once
// cuBLAS and cuBLASLt, loaded when the program runs.

#include <cublasLt.h>
#include <cublas_v2.h>

#include <string>

#include "gpu/cuda/cuda_check.h"

namespace moeplan::cuda {

struct BlasApi {
    decltype(&cublasLtCreate) lt_create = nullptr;
    decltype(&cublasLtMatmul) lt_matmul = nullptr;
    decltype(&cublasLtMatmulDescCreate) lt_desc_create = nullptr;
    decltype(&cublasLtMatmulDescDestroy) lt_desc_destroy = nullptr;
    decltype(&cublasLtMatmulDescSetAttribute) lt_desc_set = nullptr;
    decltype(&cublasLtMatrixLayoutCreate) lt_layout_create = nullptr;
    decltype(&cublasLtMatrixLayoutDestroy) lt_layout_destroy = nullptr;
    decltype(&cublasLtMatmulPreferenceCreate) lt_preference_create = nullptr;
    decltype(&cublasLtMatmulPreferenceDestroy) lt_preference_destroy = nullptr;
    decltype(&cublasLtMatmulPreferenceSetAttribute) lt_preference_set = nullptr;
    decltype(&cublasLtMatmulAlgoGetHeuristic) lt_heuristic = nullptr;
    decltype(&cublasLtGetVersion) lt_version = nullptr;
    decltype(&cublasCreate_v2) create = nullptr;
    decltype(&cublasSetStream_v2) set_stream = nullptr;
    decltype(&cublasSetWorkspace_v2) set_workspace = nullptr;
    decltype(&cublasGemmGroupedBatchedEx) gemm_grouped = nullptr;   // null: cuBLAS is older than 12.5

    std::string missing;           // why no GEMM can run; empty when it can
    std::string grouped_missing;   // why no grouped GEMM can
    bool usable() const { return missing.empty(); }
};

// Loaded at the first call.
const BlasApi& blas_api();

// Throws DeviceError, out of memory and "not supported" told apart.
void check_blas(cublasStatus_t status, const char* call);

}  // namespace moeplan::cuda
