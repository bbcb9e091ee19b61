#pragma once
// A language model as the planner sees it: groups of identical layers, each a sequence mixer
// (attention or a linear state) and a feed-forward network. Pure sizes; no hardware, no number format
// except the one the checkpoint was published in.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/number_format.h"
#include "core/base/units.h"

namespace moeplan {

// How queries and keys are normalised; only the parameter count differs.
enum class QkNorm : std::uint8_t {
    none,
    per_head,    // one vector of qk_dim for q and one for k (Qwen3, Gemma 3, GLM)
    full_width,  // heads*qk_dim and kv_heads*qk_dim (OLMoE, MiniMax-M2)
};

// MHA, GQA, MQA and their sliding-window forms.
struct SoftmaxAttention {
    std::int64_t heads = 0;
    std::int64_t kv_heads = 0;
    std::int64_t qk_dim = 0;                // per head
    std::int64_t v_dim = 0;                 // per head
    std::optional<std::int64_t> window;     // tokens a query sees (sliding or chunked); empty = all
    bool shared_key_value = false;          // values are the keys: one projection, one cache entry
    bool output_gate = false;               // a gate as wide as the queries, from the q projection
    bool qkv_bias = false;
    bool output_bias = false;
    bool sinks = false;                     // one learned logit per head
    QkNorm qk_norm = QkNorm::none;
    bool operator==(const SoftmaxAttention&) const = default;
};

// DeepSeek's sparse attention: a small indexer scores all past tokens and keeps top_k of them.
struct SparseIndexer {
    std::int64_t heads = 0;
    std::int64_t dim = 0;
    std::int64_t top_k = 0;
    bool operator==(const SparseIndexer&) const = default;
};

// Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434, 2.1): the cache holds one latent of
// kv_rank and one rotary key of rope_dim per token, whatever the number of heads.
struct LatentAttention {
    std::int64_t heads = 0;
    std::optional<std::int64_t> q_rank;  // empty: queries are projected directly (V2-Lite)
    std::int64_t kv_rank = 0;
    std::int64_t nope_dim = 0;
    std::int64_t rope_dim = 0;
    std::int64_t v_dim = 0;
    std::optional<SparseIndexer> indexer;
    bool output_bias = false;            // biases on the down projections and the output (attention_bias)
    bool operator==(const LatentAttention&) const = default;
};

enum class StateKind : std::uint8_t { gated_delta_net, mamba1, mamba2, lightning };

// A recurrent mixer: constant state per sequence instead of a cache that grows.
struct LinearState {
    StateKind kind = StateKind::mamba2;
    std::int64_t in_width = 0;            // outputs of the input projection(s), from hidden
    std::int64_t out_width = 0;           // inputs of the output projection, to hidden
    double inner_gemm_parameters = 0;     // further projections inside (Mamba-1's x and dt)
    double other_parameters = 0;          // convolution, decay, gates, norms
    double state_elements = 0;            // per sequence and layer, the recurrent state
    double conv_elements = 0;             // per sequence and layer, the convolution's tail
    double flops_per_token = 0;           // state update and read-out, projections not included
    bool operator==(const LinearState&) const = default;
};

struct NoMixer {
    bool operator==(const NoMixer&) const = default;
};

using Mixer = std::variant<NoMixer, SoftmaxAttention, LatentAttention, LinearState>;

struct DenseFfn {
    std::int64_t width = 0;
    bool gated = true;   // up and gate and down (SwiGLU, GeGLU); otherwise up and down
    bool bias = false;
    bool operator==(const DenseFfn&) const = default;
};

struct MoeFfn {
    std::int64_t experts = 0;
    std::int64_t top_k = 0;
    std::int64_t width = 0;             // of one routed expert
    bool gated = true;
    bool expert_bias = false;
    bool router_bias = false;
    bool correction_bias = false;       // DeepSeek-V3's aux-free balancing bias, one per expert
    bool fp32_router = false;           // scores from tokens and weights in fp32, whatever the model is in (MiniMax, GLM-4.5)
    std::int64_t shared_width = 0;      // all shared experts together; 0 = none
    bool shared_gate = false;           // a hidden x 1 gate on the shared expert (Qwen)
    std::int64_t parallel_width = 0;    // dense FFN beside the experts (Arctic, Gemma 4); 0 = none
    std::int64_t groups = 1;            // group-limited routing: groups of experts ...
    std::int64_t top_groups = 1;        // ... of which so many may be used
    // Routed experts work on a down-projection of the hidden state this wide (Nemotron-3-Super); one
    // hidden x latent and one latent x hidden projection are shared by all experts. 0 = on the hidden state.
    std::int64_t latent = 0;
    bool operator==(const MoeFfn&) const = default;
};

struct NoFfn {
    bool operator==(const NoFfn&) const = default;
};

using FeedForward = std::variant<NoFfn, DenseFfn, MoeFfn>;

// `count` identical layers. cross is a decoder layer's attention to an encoder (T5, Switch).
struct LayerGroup {
    std::int64_t count = 1;
    Mixer mixer;
    std::optional<SoftmaxAttention> cross;
    FeedForward ffn;
    double norm_parameters = 0;  // per layer
    bool operator==(const LayerGroup&) const = default;
};

// Exact bytes read from a GGUF tensor table, by class. Present only for .gguf models.
struct MeasuredWeights {
    Bytes embedding, head, attention, dense_ffn, experts, router, other;
    bool operator==(const MeasuredWeights&) const = default;
};

struct ModelSpec {
    std::string id;            // "mistralai/Mixtral-8x7B-v0.1", or a path's stem
    std::string family;        // "mixtral": the config's model_type
    std::int64_t hidden = 0;
    std::int64_t vocab = 0;
    bool tied_embeddings = false;   // the head is the input table
    bool head_bias = false;
    double position_parameters = 0; // learned positions, relative biases, final norms
    std::vector<LayerGroup> layers;   // of the (decoder) stack, in order of first appearance
    std::vector<LayerGroup> encoder;  // encoder-decoder models only
    std::int64_t max_context = 0;     // 0 = not stated
    double mtp_parameters = 0;        // multi-token-prediction layers; never in the totals
    NumberFormat native = NumberFormat::bf16;          // as published: linear layers
    NumberFormat native_experts = NumberFormat::bf16;  // as published: routed experts
    std::optional<MeasuredWeights> measured;
    std::string source;               // file or catalog entry it came from
    std::vector<std::string> notes;   // what was assumed while importing
    bool operator==(const ModelSpec&) const = default;

    std::int64_t layer_count() const;
    bool is_moe() const;
    // The first MoE feed-forward, which every group of today's models repeats; null for dense.
    const MoeFfn* moe() const;
    std::int64_t moe_layer_count() const;
};

}  // namespace moeplan
