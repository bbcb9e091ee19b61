#include "gpu/cuda/matmul.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace moeplan::cuda {

Element input_element(NumberFormat format) {
    return format == NumberFormat::fp16 ? Element::fp16 : format == NumberFormat::bf16 ? Element::bf16 : Element::fp8;
}

Element result_element(NumberFormat format) { return format == NumberFormat::fp16 ? Element::fp16 : Element::bf16; }

std::string matmul_missing(const Session& session, NumberFormat format) {
    if (!blas_api().usable()) return "no cuBLASLt: " + blas_api().missing;
    const bool known = format == NumberFormat::bf16 || format == NumberFormat::fp16 ||
                       (format == NumberFormat::fp8 && session.has_fp8()) ||
                       (format == NumberFormat::fp8_block && session.compute_capability() == 90);
    const cudaDeviceProp& chip = session.properties();
    if (!known)
        return "no GEMM in " + std::string(name_of(format)) + " on compute capability " + std::to_string(chip.major) + "." +
               std::to_string(chip.minor);
    if (format == NumberFormat::fp8_block && !blas_api().blocks_missing.empty())
        return "no GEMM in fp8_block: " + blas_api().blocks_missing;
    return {};
}

std::int64_t stored_rows(NumberFormat format, std::int64_t m) {
    return format == NumberFormat::fp8_block ? (m + 3) / 4 * 4 : m;
}

namespace {

float spread(std::int64_t k) { return static_cast<float>(2.0 / std::sqrt(static_cast<double>(k))); }

}  // namespace

float weight_range(NumberFormat format, std::int64_t k) {
    return input_element(format) == Element::fp8 ? 1.0f : spread(k);
}

float weight_scale(NumberFormat format, std::int64_t k) {
    return input_element(format) == Element::fp8 ? spread(k) : 1.0f;
}

namespace {

constexpr int kAskFor = 8, kTry = 5, kRunsEach = 3;

cudaDataType_t type_of(Element element) {
    return element == Element::fp8 ? CUDA_R_8F_E4M3 : element == Element::fp16 ? CUDA_R_16F : CUDA_R_16BF;
}

std::int64_t up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

struct Matmul::Plan {
    Session& session;
    MatmulShape shape;
    cublasLtMatmulDesc_t description = nullptr;
    cublasLtMatrixLayout_t a = nullptr, w = nullptr, c = nullptr;
    DeviceBuffer w_scales, a_scales;
    std::vector<cublasLtMatmulHeuristicResult_t> found;
    std::size_t chosen = 0;

    Plan(Session& s, const MatmulShape& given) : session(s), shape(given) {}
    ~Plan() {
        const BlasApi& api = blas_api();
        if (a) api.lt_layout_destroy(a);
        if (w) api.lt_layout_destroy(w);
        if (c) api.lt_layout_destroy(c);
        if (description) api.lt_desc_destroy(description);
    }
    Plan(const Plan&) = delete;
    Plan& operator=(const Plan&) = delete;

    template <class T>
    void set(cublasLtMatmulDescAttributes_t attribute, const T& value) {
        check_blas(blas_api().lt_desc_set(description, attribute, &value, sizeof(value)),
                   "cublasLtMatmulDescSetAttribute");
    }
    void describe();
    void describe_scales();
    void ask();
    cublasStatus_t tell_alignment(cublasLtMatmulPreference_t preference) const;
    cublasStatus_t run(std::size_t which, const void* from_a, const void* from_w, void* to) const;
};

// cuBLASLt counts columns first: the product is C^T[n, m] = (W^T)^T * A^T, with W^T k x n and A^T k x m, k contiguous.
void Matmul::Plan::describe() {
    const BlasApi& api = blas_api();
    const cudaDataType_t in = type_of(input_element(shape.format)), out = type_of(result_element(shape.format));
    const auto m = static_cast<std::uint64_t>(stored_rows(shape.format, shape.m)), n = static_cast<std::uint64_t>(shape.n),
               k = static_cast<std::uint64_t>(shape.k);
    check_blas(api.lt_desc_create(&description, CUBLAS_COMPUTE_32F, CUDA_R_32F), "cublasLtMatmulDescCreate");
    set(CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T);
    set(CUBLASLT_MATMUL_DESC_TRANSB, CUBLAS_OP_N);
    check_blas(api.lt_layout_create(&w, in, k, n, shape.k), "cublasLtMatrixLayoutCreate");
    check_blas(api.lt_layout_create(&a, in, k, m, shape.k), "cublasLtMatrixLayoutCreate");
    check_blas(api.lt_layout_create(&c, out, n, m, shape.n), "cublasLtMatrixLayoutCreate");
    if (input_element(shape.format) == Element::fp8) describe_scales();
}

// All scales of an operand are the same: how they are laid out makes no difference, only that there are enough of them.
void Matmul::Plan::describe_scales() {
    const bool blocks = shape.format == NumberFormat::fp8_block;
    const std::int64_t along_k = up(up(shape.k, 128), 4) * 4;
    const std::int64_t of_w = blocks ? along_k * up(up(shape.n, 128), 4) * 4 : 1,
                       of_a = blocks ? along_k * up(shape.m, 4) * 4 : 1;
    w_scales = DeviceBuffer::of(std::vector<float>(static_cast<std::size_t>(of_w), weight_scale(shape.format, shape.k)));
    a_scales = DeviceBuffer::of(std::vector<float>(static_cast<std::size_t>(of_a), 1.0f));
    set(CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, static_cast<const void*>(w_scales.get()));
    set(CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, static_cast<const void*>(a_scales.get()));
    if (!blocks) {
        // Sums as serving engines ask for them.
        return set(CUBLASLT_MATMUL_DESC_FAST_ACCUM, std::int8_t{1});
    }
#if MOEPLAN_HAS_BLOCK_SCALES
    set(CUBLASLT_MATMUL_DESC_A_SCALE_MODE, CUBLASLT_MATMUL_MATRIX_SCALE_BLK128x128_32F);
    set(CUBLASLT_MATMUL_DESC_B_SCALE_MODE, CUBLASLT_MATMUL_MATRIX_SCALE_VEC128_32F);
#endif
}

// What cuBLASLt may take for granted of where operands start; it assumes 256 bytes when not told.
cublasStatus_t Matmul::Plan::tell_alignment(cublasLtMatmulPreference_t preference) const {
    if (!shape.anywhere) return CUBLAS_STATUS_SUCCESS;
    const auto lowest_bit = [](std::int64_t bytes) {
        return static_cast<std::uint32_t>(std::min<std::int64_t>(256, bytes & -bytes));
    };
    const std::uint32_t in = lowest_bit(shape.k * bytes_of(input_element(shape.format))), out = lowest_bit(shape.n * 2);
    const std::pair<cublasLtMatmulPreferenceAttributes_t, std::uint32_t> told[] = {
        {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, in},
        {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, in},
        {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, out},
        {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, out},
    };
    for (const auto& [attribute, bytes] : told) {
        const cublasStatus_t status = blas_api().lt_preference_set(preference, attribute, &bytes, sizeof(bytes));
        if (status != CUBLAS_STATUS_SUCCESS) return status;
    }
    return CUBLAS_STATUS_SUCCESS;
}

void Matmul::Plan::ask() {
    const BlasApi& api = blas_api();
    const cublasLtHandle_t lt = session.lt();
    cublasLtMatmulPreference_t preference = nullptr;
    check_blas(api.lt_preference_create(&preference), "cublasLtMatmulPreferenceCreate");
    const auto most = static_cast<std::uint64_t>(Session::kWorkspaceBytes);
    cublasStatus_t status =
        api.lt_preference_set(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &most, sizeof(most));
    if (status == CUBLAS_STATUS_SUCCESS) status = tell_alignment(preference);
    found.resize(kAskFor);
    int count = 0;
    if (status == CUBLAS_STATUS_SUCCESS) {
        status = api.lt_heuristic(lt, description, w, a, c, c, preference, kAskFor, found.data(), &count);
    }
    api.lt_preference_destroy(preference);
    check_blas(status, "cublasLtMatmulAlgoGetHeuristic");
    found.resize(static_cast<std::size_t>(std::max(0, count)));
    std::erase_if(found, [](const auto& result) { return result.state != CUBLAS_STATUS_SUCCESS; });
    if (found.empty())
        throw DeviceError(Failure::unsupported, "cuBLASLt knows no algorithm for this shape and format on this chip");
}

cublasStatus_t Matmul::Plan::run(std::size_t which, const void* from_a, const void* from_w, void* to) const {
    const float one = 1.0f, zero = 0.0f;
    return blas_api().lt_matmul(session.lt(), description, &one, from_w, w, from_a, a, &zero, to, c, to, c,
                                &found[which].algo, session.workspace(),
                                static_cast<std::size_t>(Session::kWorkspaceBytes), session.stream());
}

Matmul::Matmul(Session& session, const MatmulShape& shape) : plan_(std::make_unique<Plan>(session, shape)) {
    session.lt();   // says what is missing before anything of it is called
    plan_->describe();
    plan_->ask();
}

Matmul::~Matmul() = default;
Matmul::Matmul(Matmul&&) noexcept = default;

void Matmul::choose(const void* a, const void* w, void* c) {
    Plan& p = *plan_;
    double best = 0;
    bool any = false;
    for (std::size_t which = 0; which < std::min<std::size_t>(p.found.size(), kTry); ++which) {
        if (p.run(which, a, w, c) != CUBLAS_STATUS_SUCCESS) continue;   // the first run loads the kernel
        check(cudaEventRecord(p.session.start(), p.session.stream()), "cudaEventRecord");
        for (int run = 0; run < kRunsEach; ++run) check_blas(p.run(which, a, w, c), "cublasLtMatmul");
        check(cudaEventRecord(p.session.stop(), p.session.stream()), "cudaEventRecord");
        check(cudaEventSynchronize(p.session.stop()), "cudaEventSynchronize");
        float milliseconds = 0;
        check(cudaEventElapsedTime(&milliseconds, p.session.start(), p.session.stop()), "cudaEventElapsedTime");
        if (any && static_cast<double>(milliseconds) >= best) continue;
        best = static_cast<double>(milliseconds);
        p.chosen = which;
        any = true;
    }
    if (!any)
        throw DeviceError(Failure::unsupported,
                          "none of cuBLASLt's algorithms runs for this shape and format on this chip");
}

void Matmul::enqueue(const void* a, const void* w, void* c) const {
    check_blas(plan_->run(plan_->chosen, a, w, c), "cublasLtMatmul");
}

std::string Matmul::text() const {
    return "cublasLt, algorithm " + std::to_string(plan_->chosen + 1) + " of " + std::to_string(plan_->found.size());
}

}  // namespace moeplan::cuda
