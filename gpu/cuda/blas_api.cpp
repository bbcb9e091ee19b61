#include "gpu/cuda/blas_api.h"

#include "gpu/cuda/shared_library.h"

namespace moeplan::cuda {

namespace {

// The majors this was built for and the one before, whose functions used here are the same.
std::vector<std::string> names_of(const char* base) {
    const std::string stem = std::string("lib") + base + ".so.";
    return {stem + std::to_string(CUBLAS_VER_MAJOR), stem + std::to_string(CUBLAS_VER_MAJOR - 1)};
}

// 120803: "12.8.3".
std::string version_text(std::size_t version) {
    return std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100) + "." + std::to_string(version % 100);
}

#define MOEPLAN_FIND(library, member, function) api.member = library.find<decltype(api.member)>(#function)

void find_lt(BlasApi& api, SharedLibrary& lt) {
    MOEPLAN_FIND(lt, lt_create, cublasLtCreate);
    MOEPLAN_FIND(lt, lt_matmul, cublasLtMatmul);
    MOEPLAN_FIND(lt, lt_desc_create, cublasLtMatmulDescCreate);
    MOEPLAN_FIND(lt, lt_desc_destroy, cublasLtMatmulDescDestroy);
    MOEPLAN_FIND(lt, lt_desc_set, cublasLtMatmulDescSetAttribute);
    MOEPLAN_FIND(lt, lt_layout_create, cublasLtMatrixLayoutCreate);
    MOEPLAN_FIND(lt, lt_layout_destroy, cublasLtMatrixLayoutDestroy);
    MOEPLAN_FIND(lt, lt_preference_create, cublasLtMatmulPreferenceCreate);
    MOEPLAN_FIND(lt, lt_preference_destroy, cublasLtMatmulPreferenceDestroy);
    MOEPLAN_FIND(lt, lt_preference_set, cublasLtMatmulPreferenceSetAttribute);
    MOEPLAN_FIND(lt, lt_heuristic, cublasLtMatmulAlgoGetHeuristic);
    MOEPLAN_FIND(lt, lt_version, cublasLtGetVersion);
    api.missing = lt.missing();
}

void find_blas(BlasApi& api, SharedLibrary& blas) {
    MOEPLAN_FIND(blas, create, cublasCreate_v2);
    MOEPLAN_FIND(blas, set_stream, cublasSetStream_v2);
    MOEPLAN_FIND(blas, set_workspace, cublasSetWorkspace_v2);
#if MOEPLAN_HAS_GROUPED_GEMM
    MOEPLAN_FIND(blas, gemm_grouped, cublasGemmGroupedBatchedEx);
    api.grouped_missing = blas.missing();
#else
    api.grouped_missing = "this program was built with cuBLAS " + version_text(CUBLAS_VERSION) + ", which has none; 12.5 has";
#endif
}

#undef MOEPLAN_FIND

std::string blocks_missing(std::size_t loaded) {
    if (!MOEPLAN_HAS_BLOCK_SCALES) return "this program was built with cuBLAS " + version_text(CUBLAS_VERSION) + "; 12.9 has them";
    return loaded >= 120900 ? "" : "the cuBLASLt found is " + version_text(loaded) + "; 12.9 has them";
}

BlasApi load() {
    BlasApi api;
    SharedLibrary lt(names_of("cublasLt"));
    find_lt(api, lt);
    if (!api.usable()) {
        api.grouped_missing = api.blocks_missing = api.missing;
        return api;
    }
    api.blocks_missing = blocks_missing(api.lt_version());
    SharedLibrary blas(names_of("cublas"));
    find_blas(api, blas);
    return api;
}

std::string text_of(cublasStatus_t status) {
    switch (status) {
        case CUBLAS_STATUS_NOT_INITIALIZED: return "not initialized";
        case CUBLAS_STATUS_ALLOC_FAILED: return "out of memory";
        case CUBLAS_STATUS_INVALID_VALUE: return "invalid value";
        case CUBLAS_STATUS_ARCH_MISMATCH: return "not for this chip";
        case CUBLAS_STATUS_EXECUTION_FAILED: return "execution failed";
        case CUBLAS_STATUS_NOT_SUPPORTED: return "not supported";
        default: return "status " + std::to_string(static_cast<int>(status));
    }
}

}  // namespace

const BlasApi& blas_api() {
    static const BlasApi api = load();
    return api;
}

void check_blas(cublasStatus_t status, const char* call) {
    if (status == CUBLAS_STATUS_SUCCESS) return;
    const bool unsupported = status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_ARCH_MISMATCH;
    const Failure kind = status == CUBLAS_STATUS_ALLOC_FAILED ? Failure::out_of_memory
                         : unsupported                        ? Failure::unsupported
                                                              : Failure::failed;
    throw DeviceError(kind, std::string(call) + ": " + text_of(status));
}

}  // namespace moeplan::cuda
