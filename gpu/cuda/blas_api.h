#pragma once
// cuBLAS and cuBLASLt, loaded when the program runs. Built against CUDA 12's headers too: what a header or the library
// found does not have yet is named and not offered.

#include <cublasLt.h>
#include <cublas_v2.h>

#include <string>

#include "gpu/cuda/cuda_check.h"

// Grouped products came with 12.5, scales for blocks of 128 numbers with 12.9.
#define MOEPLAN_HAS_GROUPED_GEMM (CUBLAS_VERSION >= 120500)
#define MOEPLAN_HAS_BLOCK_SCALES (CUBLAS_VERSION >= 120900)

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
#if MOEPLAN_HAS_GROUPED_GEMM
    decltype(&cublasGemmGroupedBatchedEx) gemm_grouped = nullptr;   // null: cuBLAS is older than 12.5
#endif

    std::string missing;           // why no GEMM can run; empty when it can
    std::string grouped_missing;   // why no grouped GEMM can
    std::string blocks_missing;    // why no GEMM in fp8 with 128-blocks can
    bool usable() const { return missing.empty(); }
};

// Loaded at the first call.
const BlasApi& blas_api();

// Throws DeviceError, out of memory and "not supported" told apart.
void check_blas(cublasStatus_t status, const char* call);

}  // namespace moeplan::cuda
