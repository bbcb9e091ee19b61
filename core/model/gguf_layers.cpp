// Layers from the tensors of a GGUF table.

#include <fmt/format.h>

#include "core/model/gguf_model.h"

namespace moeplan {
namespace {

std::int64_t dim(const GgufTensor* t, std::size_t i) {
    return t && i < t->shape.size() ? static_cast<std::int64_t>(t->shape[i]) : 0;
}

bool windowed(const GgufModel& m, std::int64_t layer) {
    const std::string& a = m.architecture;
    if (const auto marked = m.size("attention.sliding_window_pattern", layer); marked) {
        const auto it = m.file.metadata.find(a + ".attention.sliding_window_pattern");
        if (std::holds_alternative<GgufList>(it->second)) return *marked != 0;
        return *marked > 0 && (layer + 1) % *marked != 0;
    }
    // Patterns llama.cpp keeps in code. Source: llama.cpp llama-model.cpp, set_swa_pattern calls.
    if (a == "gemma2" || a == "gpt-oss") return layer % 2 == 0;
    if (a == "gemma3") return (layer + 1) % 6 != 0;
    if (a == "llama4" || a == "cohere2") return (layer + 1) % 4 != 0;
    return true;
}

LatentAttention latent(GgufModel& m, std::int64_t layer) {
    LatentAttention a;
    a.heads = m.size("attention.head_count", layer).value_or(0);
    a.kv_rank = m.required("attention.kv_lora_rank", kLargestSize);
    a.rope_dim = m.required("rope.dimension_count", kLargestSize);
    if (const auto* down = m.tensor(layer, "attn_q_a.weight")) a.q_rank = dim(down, 1);
    const auto key = m.size("attention.key_length_mla");
    a.nope_dim = key.value_or(m.required("attention.key_length", kLargestSize)) - a.rope_dim;
    const auto value = m.size("attention.value_length_mla");
    a.v_dim = value.value_or(m.required("attention.value_length", kLargestSize));
    if (a.heads < 1 || a.nope_dim < 1) m.problem("has latent attention without usable head sizes");
    return a;
}

SoftmaxAttention softmax(GgufModel& m, std::int64_t layer, std::int64_t hidden) {
    SoftmaxAttention a;
    a.heads = m.size("attention.head_count", layer).value_or(0);
    if (a.heads < 1) {
        m.problem(fmt::format("{}.attention.head_count is missing or not positive", m.architecture));
        return a;
    }
    a.kv_heads = m.size("attention.head_count_kv", layer).value_or(a.heads);
    a.qk_dim = m.size("attention.key_length").value_or(hidden / a.heads);
    a.v_dim = m.size("attention.value_length").value_or(a.qk_dim);
    if (a.kv_heads < 1 || a.heads % a.kv_heads != 0) {
        m.problem(
            fmt::format("has {} key-value heads, expected a divisor of the {} heads", a.kv_heads, a.heads));
    }
    const auto* q = m.tensor(layer, "attn_q.weight");
    a.output_gate = q && dim(q, 1) == 2 * a.heads * a.qk_dim;
    if (q && !a.output_gate && dim(q, 1) != a.heads * a.qk_dim) {
        m.problem(fmt::format("blk.{}.attn_q.weight has {} rows, expected {} heads x {}", layer, dim(q, 1),
                              a.heads, a.qk_dim));
    }
    a.shared_key_value = q && !m.tensor(layer, "attn_v.weight");
    a.qkv_bias = m.tensor(layer, "attn_q.bias") || m.tensor(layer, "attn_qkv.bias");
    a.output_bias = m.tensor(layer, "attn_output.bias") != nullptr;
    a.sinks = m.tensor(layer, "attn_sinks.weight") != nullptr;
    if (const auto* norm = m.tensor(layer, "attn_q_norm.weight")) {
        a.qk_norm = dim(norm, 0) == a.qk_dim ? QkNorm::per_head : QkNorm::full_width;
    }
    auto window = m.size("attention.sliding_window");
    if (const auto chunk = m.size("attention.chunk_size")) window = chunk;
    if (window && *window > 0 && windowed(m, layer)) a.window = *window;
    return a;
}

struct DenseSizes {
    std::int64_t width = 0;
    bool gated = false;
};

DenseSizes dense_sizes(GgufModel& m, std::int64_t layer, std::string_view suffix) {
    const auto* up = m.tensor(layer, fmt::format("ffn_up{}.weight", suffix));
    if (!up) return {};
    DenseSizes s{dim(up, 1), m.tensor(layer, fmt::format("ffn_gate{}.weight", suffix)) != nullptr};
    // Gate and up in one tensor (Phi-3).
    const auto length = m.size("feed_forward_length", layer);
    if (!s.gated && suffix.empty() && length && s.width == 2 * *length) s = {*length, true};
    return s;
}

FeedForward feed_forward(GgufModel& m, std::int64_t layer) {
    const auto* merged = m.tensor(layer, "ffn_up_exps.weight");
    const auto* both = m.tensor(layer, "ffn_gate_up_exps.weight");
    const auto* single = m.tensor(layer, "ffn_up.0.weight");
    const DenseSizes dense = dense_sizes(m, layer, "");
    if (!merged && !single && !both) {
        if (dense.width == 0) return NoFfn{};
        return DenseFfn{dense.width, dense.gated, m.tensor(layer, "ffn_up.bias") != nullptr};
    }
    MoeFfn moe;
    moe.experts = merged ? dim(merged, 2) : both ? dim(both, 2) : m.required("expert_count", kLargestSize);
    moe.top_k = m.required("expert_used_count", kLargestSize);
    moe.width = merged ? dim(merged, 1) : both ? dim(both, 1) / 2 : dim(single, 1);
    moe.gated = both || m.tensor(layer, "ffn_gate_exps.weight") || m.tensor(layer, "ffn_gate.0.weight");
    moe.expert_bias = m.tensor(layer, "ffn_up_exps.bias") != nullptr;
    moe.router_bias = m.tensor(layer, "ffn_gate_inp.bias") != nullptr;
    moe.correction_bias = m.tensor(layer, "exp_probs_b.bias") || m.tensor(layer, "exp_probs_b");
    moe.shared_width = dense_sizes(m, layer, "_shexp").width;
    moe.shared_gate = m.tensor(layer, "ffn_gate_inp_shexp.weight") != nullptr;
    moe.parallel_width = dense.width;
    moe.groups = m.size("expert_group_count").value_or(1);
    moe.top_groups = m.size("expert_group_used_count").value_or(1);
    if (moe.experts < 1 || moe.width < 1 || moe.top_k > moe.experts) {
        m.problem(fmt::format(
            "blk.{} has {} experts of width {} with {} used, expected at least as many experts as used",
            layer, moe.experts, moe.width, moe.top_k));
    }
    return moe;
}

}  // namespace

std::vector<LayerPlan> read_gguf_layers(GgufModel& m, std::int64_t hidden) {
    std::vector<LayerPlan> plans(static_cast<std::size_t>(m.layers));
    for (const auto& t : m.file.tensors) {
        const auto layer = m.layer_of(t.name);
        if (layer < 0 || layer >= m.layers || class_of(t.name) != GgufClass::other) continue;
        plans[static_cast<std::size_t>(layer)].norm_parameters += static_cast<double>(t.elements);
    }
    for (std::int64_t i = 0; i < m.layers; ++i) {
        LayerPlan& plan = plans[static_cast<std::size_t>(i)];
        if (m.tensor(i, "attn_kv_a_mqa.weight")) {
            plan.mixer = latent(m, i);
        } else if (m.tensor(i, "attn_q.weight") || m.tensor(i, "attn_qkv.weight")) {
            plan.mixer = softmax(m, i, hidden);
        }
        plan.ffn = feed_forward(m, i);
        if (std::holds_alternative<NoMixer>(plan.mixer) && std::holds_alternative<NoFfn>(plan.ffn)) {
            m.problem(fmt::format("layer {} has no attention and no feed-forward tensors", i));
        }
    }
    return plans;
}

}  // namespace moeplan
