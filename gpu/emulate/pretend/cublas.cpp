// cuBLAS's grouped product on the host.

#include <cublas_v2.h>

#include "gpu/emulate/pretend/host_gemm.h"

extern "C" {

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
    static char one;
    *handle = reinterpret_cast<cublasHandle_t>(&one);
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetStream_v2(cublasHandle_t, cudaStream_t) { return CUBLAS_STATUS_SUCCESS; }
cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t, void*, std::size_t) { return CUBLAS_STATUS_SUCCESS; }

#if CUBLAS_VERSION >= 120500
cublasStatus_t cublasGemmGroupedBatchedEx(cublasHandle_t, const cublasOperation_t ta[], const cublasOperation_t tb[],
                                          const int m[], const int n[], const int k[], const void* alpha,
                                          const void* const a[], cudaDataType_t a_type, const int lda[],
                                          const void* const b[], cudaDataType_t b_type, const int ldb[],
                                          const void* beta, void* const c[], cudaDataType_t c_type, const int ldc[],
                                          int groups, const int sizes[], cublasComputeType_t compute) {
    if (a_type != b_type || a_type != c_type || compute != CUBLAS_COMPUTE_32F) return CUBLAS_STATUS_NOT_SUPPORTED;
    int product = 0;   // pointers run on over the groups
    for (int g = 0; g < groups; ++g) {
        const bool at = ta[g] == CUBLAS_OP_T, bt = tb[g] == CUBLAS_OP_T;
        if (lda[g] < (at ? k[g] : m[g]) || ldb[g] < (bt ? n[g] : k[g]) || ldc[g] < m[g])
            return CUBLAS_STATUS_INVALID_VALUE;
        if (static_cast<const float*>(beta)[g] != 0) return CUBLAS_STATUS_INVALID_VALUE;
        if (lda[g] % 8 != 0 || ldb[g] % 8 != 0 || ldc[g] % 8 != 0) return CUBLAS_STATUS_INVALID_VALUE;   // 16 bytes
        for (int i = 0; i < sizes[g]; ++i, ++product) {
            moeplan::pretend::multiply(m[g], n[g], k[g], {a[product], a_type, lda[g], at},
                                       {b[product], b_type, ldb[g], bt}, static_cast<const float*>(alpha)[g],
                                       c[product], c_type, ldc[g]);
        }
    }
    return CUBLAS_STATUS_SUCCESS;
}
#endif

}  // extern "C"
