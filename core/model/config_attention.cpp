// Softmax, sliding-window and latent attention from their keys.

#include <algorithm>

#include <fmt/format.h>

#include "core/model/config_layers.h"
#include "core/model/config_neutral.h"
#include "core/model/layer_kinds.h"

namespace moeplan {
namespace {

std::int64_t default_size(const ConfigContext& c, std::string_view key) {
    const auto it = c.family.sizes.find(key);
    return it == c.family.sizes.end() ? 0 : it->second;
}

void read_biases(ConfigContext& c, SoftmaxAttention& a) {
    auto& keys = c.keys;
    const auto attention_bias = keys.flag("attention_bias");
    const auto qkv_bias = keys.flag("qkv_bias");
    a.qkv_bias = qkv_bias.value_or(attention_bias.value_or(c.family.qkv_bias));
    a.output_bias = attention_bias.value_or(false) && c.family.bias_on_output;
    a.sinks = c.family.sinks;
}

QkNorm read_qk_norm(ConfigContext& c) {
    auto& keys = c.keys;
    const auto use = keys.flag("use_qk_norm");
    const std::string type = keys.text("qk_norm_type").value_or("");
    if (!use) return c.family.qk_norm;
    // Llama 4 normalises without weights.
    if (!*use || c.family.window == WindowRule::chunked) return QkNorm::none;
    return type == "per_layer" ? QkNorm::full_width : QkNorm::per_head;
}

// Gemma 4 and MiMo give full-attention or window layers sizes of their own.
void read_own_sizes(ConfigContext& c, SoftmaxAttention& full, SoftmaxAttention& sliding) {
    auto& keys = c.keys;
    if (const auto d = keys.size("global_head_dim")) full.qk_dim = full.v_dim = *d;
    if (const auto n = keys.size("num_global_key_value_heads")) full.kv_heads = *n;
    if (keys.flag("attention_k_eq_v").value_or(false)) full.shared_key_value = true;
    if (const auto n = keys.size("swa_num_attention_heads")) sliding.heads = *n;
    if (const auto n = keys.size("swa_num_key_value_heads")) sliding.kv_heads = *n;
    if (const auto d = keys.size("swa_head_dim")) sliding.qk_dim = sliding.v_dim = *d;
    if (const auto d = keys.size("swa_v_head_dim")) sliding.v_dim = *d;
    if (const auto on = keys.flag("add_swa_attention_sink_bias")) sliding.sinks = *on;
    if (const auto on = keys.flag("add_full_attention_sink_bias")) full.sinks = *on;
}

LatentAttention read_latent_attention(ConfigContext& c) {
    auto& keys = c.keys;
    LatentAttention a;
    a.heads = keys.required({"num_attention_heads"});
    a.q_rank = keys.size("q_lora_rank");
    a.kv_rank = keys.required({"kv_lora_rank"});
    a.nope_dim = keys.required({"qk_nope_head_dim"});
    a.rope_dim = keys.required({"qk_rope_head_dim"});
    a.v_dim = keys.required({"v_head_dim"});
    a.output_bias = keys.flag("attention_bias").value_or(false);
    // Written beside the latent sizes but not used by them.
    for (const auto* key : {"num_key_value_heads", "head_dim"}) keys.size(key);
    const auto qk_dim = keys.size("qk_head_dim");
    if (qk_dim && a.nope_dim > 0 && a.rope_dim > 0 && *qk_dim != a.nope_dim + a.rope_dim) {
        keys.problem("qk_head_dim", fmt::format("found {}, expected qk_nope_head_dim + qk_rope_head_dim = {}",
                                                *qk_dim, a.nope_dim + a.rope_dim));
    }
    if (keys.has("index_topk") || keys.has("index_n_heads") || keys.has("index_head_dim")) {
        SparseIndexer indexer;
        indexer.heads = keys.required({"index_n_heads"});
        indexer.dim = keys.required({"index_head_dim"});
        indexer.top_k = keys.required({"index_topk"});
        a.indexer = indexer;
    }
    return a;
}

LinearState read_linear(ConfigContext& c) {
    if (c.keys.has("linear_num_value_heads")) return read_gated_delta_net(c);
    if (c.keys.has("attn_type_list") || c.family.name.starts_with("minimax")) return read_lightning(c);
    return read_mamba1(c);
}

}  // namespace

SoftmaxAttention read_softmax_attention(ConfigContext& c) {
    auto& keys = c.keys;
    SoftmaxAttention a;
    a.heads =
        keys.size_of({"num_attention_heads", "n_heads"}).value_or(default_size(c, "num_attention_heads"));
    if (a.heads == 0) a.heads = keys.required({"num_attention_heads", "n_heads"});
    auto kv_heads = keys.size("num_key_value_heads");
    if (!kv_heads && default_size(c, "num_key_value_heads") > 0)
        kv_heads = default_size(c, "num_key_value_heads");
    if (auto attn = keys.object("attn_config")) {  // DBRX
        kv_heads = attn->size("kv_n_heads");
        refuse_unplaced_inside(*attn, c.family.known);
    }
    a.kv_heads = kv_heads.value_or(a.heads);
    auto head_dim = keys.size_of({"head_dim", "attention_head_dim"});
    if (!head_dim && default_size(c, "head_dim") > 0) head_dim = default_size(c, "head_dim");
    if (!head_dim && a.heads > 0 && c.hidden > 0) {
        if (c.hidden % a.heads != 0) {
            keys.problem("head_dim",
                         fmt::format("is missing, and hidden_size {} is not a multiple of {} heads", c.hidden,
                                     a.heads));
        }
        head_dim = std::max<std::int64_t>(1, c.hidden / a.heads);
    }
    a.qk_dim = head_dim.value_or(0);
    a.v_dim = keys.size("v_head_dim").value_or(a.qk_dim);
    if (a.heads > 0 && a.kv_heads > 0 && a.heads % a.kv_heads != 0) {
        keys.problem(
            "num_key_value_heads",
            fmt::format("found {}, expected a divisor of the {} attention heads", a.kv_heads, a.heads));
    }
    read_biases(c, a);
    a.qk_norm = read_qk_norm(c);
    a.output_gate = keys.flag("attn_output_gate").value_or(c.family.query_gate);
    return a;
}

std::vector<Mixer> read_mixers(ConfigContext& c) {
    const LayerKinds kinds = read_layer_kinds(c);
    if (c.keys.has("kv_lora_rank")) {
        const bool mixed = std::any_of(kinds.layers.begin(), kinds.layers.end(),
                                       [](LayerKind kind) { return kind != LayerKind::full; });
        if (mixed) {
            c.keys.problem("kv_lora_rank",
                           "stands beside windows or linear layers; latent attention mixed with "
                           "them is not understood");
        }
        return std::vector<Mixer>(static_cast<std::size_t>(c.layers), Mixer(read_latent_attention(c)));
    }
    SoftmaxAttention full = read_softmax_attention(c);
    SoftmaxAttention sliding = full;
    read_own_sizes(c, full, sliding);
    sliding.window = kinds.window;
    std::optional<LinearState> linear;
    std::vector<Mixer> mixers;
    for (const LayerKind kind : kinds.layers) {
        if (kind == LayerKind::linear && !linear) linear = read_linear(c);
        if (kind == LayerKind::linear) mixers.emplace_back(*linear);
        if (kind == LayerKind::full) mixers.emplace_back(full);
        if (kind == LayerKind::sliding) mixers.emplace_back(sliding);
    }
    return mixers;
}

}  // namespace moeplan
