#pragma once
// The waist: what one GPU of the slowest rank does in one engine step, as a list of operations.
// Ops know sizes and number formats, nothing of models above or hardware below.
// Every op stands for `repeat` identical executions (identical layers are lowered once).

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/number_format.h"
#include "core/base/units.h"

namespace moeplan {

// Where a step's time goes, as reports show it.
enum class Part : std::uint8_t {
    embedding, attention_projections, attention, linear_state, router, dispatch, experts, shared_expert,
    dense_ffn, norms, communication, offload, head, sampler, host,
};
std::string_view name_of(Part part);

// C[m,n] = A[m,k] * W[k,n]; W in `weights`, A and C in the compute format.
struct Gemm {
    double m = 0, n = 0, k = 0;
    NumberFormat weights = NumberFormat::bf16;
};

// Grouped expert FFN on one rank: up (and gate) and down over `activated` of the `held` experts.
struct ExpertFfn {
    double tokens = 0;      // rows of input the rank's kernel is handed: those for experts of other ranks too
    double experts = 0;     // of the layer, on all ranks
    double pairs = 0;       // (token, expert) pairs this rank computes
    double activated = 0;   // experts of this rank with at least one pair: whose weights are read
    double hottest = 0;     // pairs on its hottest expert
    double held = 0;
    double hidden = 0, width = 0;  // width after moe_tp
    std::int64_t top_k = 1;
    bool gated = true;
    NumberFormat weights = NumberFormat::bf16;
};

// Attention of `sequences` sequences, each with new_tokens queries over context + new_tokens keys (causal),
// after tp: heads and kv_heads of this rank. decode = new_tokens is 1 and the paged decode kernel runs.
struct Attention {
    bool decode = false;
    double sequences = 0, new_tokens = 0, context = 0;
    double heads = 0, kv_heads = 0, qk_dim = 0, v_dim = 0;
    std::optional<double> window;
    std::optional<double> selected;   // sparse attention reads only so many past tokens
    bool shared_key_value = false;    // the cache holds keys only (MLA's latent)
    NumberFormat kv = NumberFormat::bf16;
    NumberFormat format = NumberFormat::bf16;   // of queries and arithmetic
};

// Recurrent mixers: update and read the state of each sequence.
struct StateUpdate {
    double sequences = 0, tokens = 0;
    double flops_per_token = 0;
    Bytes state;                 // per sequence
    double width = 0;            // elements in and out per token
};

// A pass over memory with no arithmetic worth counting: norms, residuals, gathers, permutes.
struct MemoryPass {
    Bytes bytes;
    // Set where fused expert kernels of that format do this pass themselves (bringing rows into expert order and back).
    std::optional<NumberFormat> inside_experts = {};
};

enum class CollectiveKind : std::uint8_t { all_reduce, all_gather, reduce_scatter, all_to_all, point_to_point };
std::string_view name_of(CollectiveKind kind);

// `bytes` is the payload of one rank: the buffer reduced (all_reduce), gathered or scattered (full size),
// sent in total (all_to_all), or sent once (point_to_point).
struct Collective {
    CollectiveKind kind = CollectiveKind::all_reduce;
    Bytes bytes;
    std::int64_t ranks = 1;
    bool across_nodes = false;
    std::int64_t per_node = 1;   // where it spans several: ranks in each, which are linked there and have a network adapter each
};

// Weights fetched from host memory over PCIe because they do not live on the device.
struct HostFetch {
    Bytes bytes;
};

using OpKind = std::variant<Gemm, ExpertFfn, Attention, StateUpdate, MemoryPass, Collective, HostFetch>;

struct Op {
    Part part = Part::norms;
    double repeat = 1;
    OpKind kind;
    bool over_context = false;   // grows with the tokens before the step's own, though its kind does not tell (attention's does)
};

// Whether what lies before the step's tokens counts in its size.
inline bool sees_context(const Op& op) {
    return op.over_context || std::holds_alternative<Attention>(op.kind) || std::holds_alternative<StateUpdate>(op.kind);
}

// FLOPs and bytes of one execution of an op at the device's memory. Source: docs/method.md, "Work of an op".
struct Work {
    Flops flops;
    Bytes bytes;
};
Work work_of(const OpKind& op);

// Query-key pairs a causal (and windowed) attention of this shape computes.
double attended_pairs(const Attention& attention);

// Bytes of one activation element: 2 (bf16) except fp32 arithmetic; fp8 engines keep activations in bf16
// between kernels.
constexpr double kActivationBytes = 2.0;

}  // namespace moeplan
