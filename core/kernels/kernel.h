#pragma once
// What a probe can be asked to run, in whole numbers a worker can execute, and the op it stands for.
// A kernel is what is measured; an op (core/ops/op.h) is what is predicted; op_of() joins them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "core/ops/op.h"

namespace moeplan {

// C[m,n] = A[m,k] * W[k,n].
struct GemmKernel {
    std::int64_t m = 0, n = 0, k = 0;
    NumberFormat format = NumberFormat::bf16;
    bool operator==(const GemmKernel&) const = default;
};

// One fused expert feed-forward layer of one rank, router excluded: gather, up (and gate), activation, down, weighted
// sum. loads[e] = (token, expert) pairs of held expert e; tokens = rows of the input.
struct ExpertKernel {
    std::int64_t tokens = 0, hidden = 0, width = 0, top_k = 1;
    bool gated = true;
    NumberFormat format = NumberFormat::bf16;
    std::vector<std::int64_t> loads;
    std::int64_t held() const { return static_cast<std::int64_t>(loads.size()); }
    bool operator==(const ExpertKernel&) const = default;
};

// Causal attention of `sequences` sequences with new_tokens queries each over context cached tokens and themselves.
// new_tokens is 1 for decode. window 0 = full.
struct AttentionKernel {
    bool decode = false;
    std::int64_t sequences = 0, new_tokens = 1, context = 0;
    std::int64_t heads = 0, kv_heads = 0, qk_dim = 0, v_dim = 0, window = 0;
    NumberFormat format = NumberFormat::bf16;   // queries and arithmetic
    NumberFormat kv = NumberFormat::bf16;       // the cache
    bool operator==(const AttentionKernel&) const = default;
};

// Scores to the top_k experts of each token: softmax, selection, renormalisation.
struct RouterKernel {
    std::int64_t tokens = 0, experts = 0, top_k = 1;
    bool operator==(const RouterKernel&) const = default;
};

// Rows of `hidden` 16-bit elements brought into the order of their experts (dispatch) or back, weighted and summed
// (combine).
struct PermuteKernel {
    bool combine = false;
    std::int64_t tokens = 0, hidden = 0, top_k = 1, experts = 0;
    bool operator==(const PermuteKernel&) const = default;
};

// silu(gate) * up over rows x width 16-bit elements.
struct ActivationKernel {
    std::int64_t rows = 0, width = 0;
    bool operator==(const ActivationKernel&) const = default;
};

// Copy in device memory: bytes read and as many written.
struct CopyKernel {
    std::int64_t bytes = 0;
    bool operator==(const CopyKernel&) const = default;
};

// `kernels` empty kernels one after the other; the sample is the time of all of them.
struct LaunchKernel {
    std::int64_t kernels = 1;
    bool graph = false;   // captured once, replayed
    bool operator==(const LaunchKernel&) const = default;
};

// Payload as in core/ops Collective.
struct CollectiveKernel {
    CollectiveKind kind = CollectiveKind::all_reduce;
    std::int64_t ranks = 2;
    std::int64_t bytes = 0;
    bool operator==(const CollectiveKernel&) const = default;
};

using Kernel = std::variant<GemmKernel, ExpertKernel, AttentionKernel, RouterKernel, PermuteKernel, ActivationKernel,
                            CopyKernel, LaunchKernel, CollectiveKernel>;

// Families a worker may support and a profile is fitted by.
enum class KernelFamily : std::uint8_t {
    gemm, moe_ffn, attention_prefill, attention_decode, router, dispatch, combine, activation, copy, launch, collective,
};
const std::vector<KernelFamily>& all_kernel_families();
std::string_view name_of(KernelFamily family);
// The family of that name; nothing when unknown.
std::optional<KernelFamily> kernel_family_named(std::string_view name);

KernelFamily family_of(const Kernel& kernel);

// The op this kernel stands for, as a step's lowering names it. A launch moves and computes nothing: a memory pass of
// 0 bytes, which no cost can be fitted to; its time is the engine's launch term, not an op's.
OpKind op_of(const Kernel& kernel);

// "bf16"; attention over a cache of another format: "bf16, fp8 cache"; of prompts over a latent that was expanded for every
// head: "bf16, expanded". Families without a format: "".
std::string format_of(const Kernel& kernel);
// The same of an attention, also over a latent that is not expanded: "bf16, latent".
std::string attention_format(const Attention& attention);

// Problems of sizes no worker can run: zero or negative sizes, sizes over the limits below, loads that do not add up to
// what tokens and top_k allow, heads not a multiple of kv_heads. All of them, `path` the field; empty when it can be run.
constexpr std::int64_t kMostElements = std::int64_t{1} << 31;   // any one size
constexpr std::int64_t kMostExperts = 65536;
constexpr std::int64_t kMostBytes = std::int64_t{1} << 46;      // of a copy or a collective
constexpr std::int64_t kMostLaunches = 1'000'000;
Problems check_kernel(const Kernel& kernel);

// Bytes a worker must hold to run it once (weights of all held experts, the cache that is read, inputs, intermediates,
// outputs; not the copies a worker rotates through): to refuse what cannot fit before trying.
Bytes memory_of(const Kernel& kernel);

// One line for people: "moe_ffn bf16 tokens 256 hidden 4096 width 14336 experts 8 top_k 2".
std::string to_text(const Kernel& kernel);

// Loads of the held experts of one rank under a skew, in whole numbers: the experts of all `ep` ranks together get
// exactly tokens * top_k pairs, none more than `tokens`, by largest remainder; returned is the rank with the most pairs
// (ranks hold contiguous experts). alpha 0 = balanced, spread evenly over the ranks too; otherwise expected loads follow
// the bounded power law x^-alpha on [1, 0.8 tokens] at the quantiles (i + 1/2) / experts, in a fixed shuffled order.
// Requires: tokens >= 0, 1 <= top_k <= experts <= kMostExperts, 1 <= ep <= experts, alpha finite and >= 0.
// Source: docs/calibration.md, "Expert loads".
std::vector<std::int64_t> example_loads(std::int64_t tokens, std::int64_t experts, std::int64_t top_k, std::int64_t ep,
                                        double alpha);

}  // namespace moeplan
