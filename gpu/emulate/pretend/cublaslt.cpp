// cuBLASLt's product on the host. Offers three algorithms, the second of which refuses to run.

#include <cublasLt.h>
#include <cublas_api.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "gpu/emulate/pretend/host_gemm.h"

using moeplan::pretend::Matrix;

namespace {

struct Description {
    std::int32_t a = CUBLAS_OP_N, b = CUBLAS_OP_N;
    const float* a_scale = nullptr;
    const float* b_scale = nullptr;
    bool a_blocks = false, b_blocks = false;   // 128 x 128 numbers a scale, 128 of a row
};

struct Layout {
    cudaDataType_t type;
    std::int64_t rows, columns, pitch;
};

Description* of(cublasLtMatmulDesc_t d) { return reinterpret_cast<Description*>(d); }
const Layout* of(cublasLtMatrixLayout_t l) { return reinterpret_cast<const Layout*>(l); }

// What the documentation asks of fp8: A transposed, B not, rows of 16 bytes; with blocks M and N multiples of 4.
// PRETENDED_CUBLASLT_REFUSES in the environment: no fp8 at all, against the documentation.
bool supported(const Description& d, const Layout& a, const Layout& b, const Layout& out) {
    if (a.type != b.type || (out.type != CUDA_R_16BF && out.type != CUDA_R_16F)) return false;
    if (a.type != CUDA_R_8F_E4M3) return a.type == out.type;
    if (std::getenv("PRETENDED_CUBLASLT_REFUSES") || d.a_blocks != d.b_blocks) return false;
    if (d.a_blocks && (out.rows % 4 != 0 || out.columns % 4 != 0)) return false;
    return d.a == CUBLAS_OP_T && d.b == CUBLAS_OP_N && a.pitch % 16 == 0 && b.pitch % 16 == 0 && out.pitch % 8 == 0 &&
           out.type == CUDA_R_16BF;
}

// The scale of all `count` blocks, which are read; not a number where they differ.
float scale_of(const float* scales, std::int64_t count) {
    if (!scales) return 1.0f;
    return std::all_of(scales, scales + count, [&](float s) { return s == *scales; }) ? *scales : std::nanf("");
}

std::int64_t blocks_of(std::int64_t count) { return (count + 127) / 128; }

}  // namespace

extern "C" {

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
    if (std::getenv("CUBLASLT_LOG_LEVEL")) std::puts("[cublasLt] pretended");   // where the real one prints
    static char one;
    *handle = reinterpret_cast<cublasLtHandle_t>(&one);
    return CUBLAS_STATUS_SUCCESS;
}
// PRETENDED_CUBLASLT=120800: an older one.
std::size_t cublasLtGetVersion() {
    const char* const told = std::getenv("PRETENDED_CUBLASLT");
    return told ? std::strtoul(told, nullptr, 10) : CUBLAS_VERSION;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* d, cublasComputeType_t, cudaDataType_t) {
    *d = reinterpret_cast<cublasLtMatmulDesc_t>(new Description);
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t d) {
    delete of(d);
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t d, cublasLtMatmulDescAttributes_t which,
                                              const void* value, std::size_t bytes) {
    std::int32_t number = 0;
    if (bytes == 4) std::memcpy(&number, value, 4);
    switch (which) {
        case CUBLASLT_MATMUL_DESC_TRANSA: of(d)->a = number; break;
        case CUBLASLT_MATMUL_DESC_TRANSB: of(d)->b = number; break;
        case CUBLASLT_MATMUL_DESC_A_SCALE_POINTER: std::memcpy(&of(d)->a_scale, value, sizeof(void*)); break;
        case CUBLASLT_MATMUL_DESC_B_SCALE_POINTER: std::memcpy(&of(d)->b_scale, value, sizeof(void*)); break;
#if CUBLAS_VERSION >= 120900
        case CUBLASLT_MATMUL_DESC_A_SCALE_MODE:
            of(d)->a_blocks = number == CUBLASLT_MATMUL_MATRIX_SCALE_BLK128x128_32F;
            break;
        case CUBLASLT_MATMUL_DESC_B_SCALE_MODE:
            of(d)->b_blocks = number == CUBLASLT_MATMUL_MATRIX_SCALE_VEC128_32F;
            break;
#endif
        case CUBLASLT_MATMUL_DESC_FAST_ACCUM: return bytes == 1 ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
        default: return CUBLAS_STATUS_INVALID_VALUE;
    }
    return bytes == 4 || bytes == sizeof(void*) ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}
cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* l, cudaDataType type, std::uint64_t rows,
                                          std::uint64_t columns, std::int64_t pitch) {
    *l = reinterpret_cast<cublasLtMatrixLayout_t>(
        new Layout{type, static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns), pitch});
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t l) {
    delete of(l);
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* p) {
    *p = reinterpret_cast<cublasLtMatmulPreference_t>(new char);
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t p) {
    delete reinterpret_cast<char*>(p);
    return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t,
                                                    cublasLtMatmulPreferenceAttributes_t which, const void*,
                                                    std::size_t bytes) {
    return bytes == (which == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES ? 8 : 4) ? CUBLAS_STATUS_SUCCESS
                                                                                : CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t d, cublasLtMatrixLayout_t a,
                                              cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t,
                                              cublasLtMatrixLayout_t out, cublasLtMatmulPreference_t, int most,
                                              cublasLtMatmulHeuristicResult_t found[], int* count) {
    *count = 0;
    if (!supported(*of(d), *of(a), *of(b), *of(out))) return CUBLAS_STATUS_NOT_SUPPORTED;
    for (; *count < std::min(most, 3); ++*count) {
        found[*count] = {};
        found[*count].algo.data[0] = static_cast<std::uint64_t>(*count);
    }
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t description, const void* alpha, const void* a_at,
                              cublasLtMatrixLayout_t a_layout, const void* b_at, cublasLtMatrixLayout_t b_layout,
                              const void* beta, const void*, cublasLtMatrixLayout_t, void* out,
                              cublasLtMatrixLayout_t out_layout, const cublasLtMatmulAlgo_t* algorithm, void*,
                              std::size_t, cudaStream_t) {
    const Description& d = *of(description);
    const Layout &a = *of(a_layout), &b = *of(b_layout), &o = *of(out_layout);
    if (algorithm->data[0] == 1) return CUBLAS_STATUS_NOT_SUPPORTED;
    const std::int64_t m = d.a == CUBLAS_OP_T ? a.columns : a.rows, k = d.a == CUBLAS_OP_T ? a.rows : a.columns;
    const std::int64_t n = d.b == CUBLAS_OP_T ? b.rows : b.columns, k_of_b = d.b == CUBLAS_OP_T ? b.columns : b.rows;
    if (k != k_of_b || m != o.rows || n != o.columns || a.pitch < a.rows || b.pitch < b.rows || o.pitch < o.rows)
        return CUBLAS_STATUS_INVALID_VALUE;
    if (*static_cast<const float*>(beta) != 0) return CUBLAS_STATUS_INVALID_VALUE;
    // Columns of the 128 x 128 blocks begin at every fourth scale.
    const std::int64_t of_a = d.a_blocks ? (blocks_of(k) + 3) / 4 * 4 * blocks_of(m) : 1,
                       of_b = d.b_blocks ? n * blocks_of(k) : 1;
    const float scale = *static_cast<const float*>(alpha) * scale_of(d.a_scale, of_a) * scale_of(d.b_scale, of_b);
    moeplan::pretend::multiply(m, n, k, {a_at, a.type, a.pitch, d.a == CUBLAS_OP_T},
                               {b_at, b.type, b.pitch, d.b == CUBLAS_OP_T}, scale, out, o.type, o.pitch);
    return CUBLAS_STATUS_SUCCESS;
}

}  // extern "C"
