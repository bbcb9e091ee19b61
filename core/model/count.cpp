#include "core/model/count.h"

#include <algorithm>

#include "core/base/match.h"

namespace moeplan {
namespace {

double as_double(std::int64_t n) { return static_cast<double>(n); }

double latent_attention_parameters(const LatentAttention& a, std::int64_t hidden_size) {
    const double hidden = as_double(hidden_size), heads = as_double(a.heads), kv_rank = as_double(a.kv_rank);
    const double query_width = heads * as_double(a.nope_dim + a.rope_dim);
    double n = 0;
    if (a.q_rank) {
        const double rank = as_double(*a.q_rank);
        n += hidden * rank + rank + rank * query_width;  // down, norm, up
    } else {
        n += hidden * query_width;
    }
    n += hidden * (kv_rank + as_double(a.rope_dim)) + kv_rank;  // down with the rotary key, norm
    n += kv_rank * heads * as_double(a.nope_dim + a.v_dim);
    n += heads * as_double(a.v_dim) * hidden;
    if (a.output_bias) n += hidden + (a.q_rank ? as_double(*a.q_rank) : 0) + kv_rank + as_double(a.rope_dim);
    if (a.indexer) {
        const double index_heads = as_double(a.indexer->heads), dim = as_double(a.indexer->dim);
        const double from = a.q_rank ? as_double(*a.q_rank) : hidden;
        n += from * index_heads * dim + hidden * dim + 2 * dim + hidden * index_heads;
    }
    return n;
}

double linear_state_parameters(const LinearState& s, std::int64_t hidden) {
    return as_double(hidden) * as_double(s.in_width + s.out_width) + s.inner_gemm_parameters +
           s.other_parameters;
}

double ffn_parameters(double hidden, double width, bool gated, bool bias) {
    double n = (gated ? 3.0 : 2.0) * hidden * width;
    if (bias) n += (gated ? 2.0 : 1.0) * width + hidden;
    return n;
}

// Everything of one layer's MoE that every token passes: shared and parallel experts, latent projections.
double always_on_parameters(const MoeFfn& moe, double hidden) {
    double n = ffn_parameters(hidden, as_double(moe.shared_width), moe.gated, false);
    n += ffn_parameters(hidden, as_double(moe.parallel_width), moe.gated, false);
    if (moe.shared_gate) n += hidden;
    n += 2.0 * hidden * as_double(moe.latent);
    return n;
}

double router_parameters(const MoeFfn& moe, double hidden) {
    const double experts = as_double(moe.experts);
    return hidden * experts + (moe.router_bias ? experts : 0) + (moe.correction_bias ? experts : 0);
}

void add_layers(ParameterCount& c, double& unused, const LayerGroup& g, std::int64_t hidden_size) {
    const double layers = as_double(g.count), hidden = as_double(hidden_size);
    c.attention += layers * mixer_parameters(g.mixer, hidden_size);
    if (g.cross) c.attention += layers * softmax_attention_parameters(*g.cross, hidden_size);
    c.norms_and_other += layers * g.norm_parameters;
    match(
        g.ffn, [](const NoFfn&) {},
        [&](const DenseFfn& f) {
            c.dense_ffn += layers * ffn_parameters(hidden, as_double(f.width), f.gated, f.bias);
        },
        [&](const MoeFfn& m) {
            const double expert = expert_parameters(m, hidden_size);
            c.dense_ffn += layers * always_on_parameters(m, hidden);
            c.router += layers * router_parameters(m, hidden);
            c.routed_experts += layers * as_double(m.experts) * expert;
            unused += layers * as_double(m.experts - m.top_k) * expert;
        });
}

double bytes_of(double elements, NumberFormat format) { return weight_bytes(elements, format).value; }

// Tokens of `context` whose keys this mixer keeps.
double kept_tokens(const Mixer& mixer, double context) {
    const auto* softmax = std::get_if<SoftmaxAttention>(&mixer);
    return softmax && softmax->window ? std::min(context, as_double(*softmax->window)) : context;
}

// Score and value products of one new token over the cached tokens and itself.
double attention_flops(const Mixer& mixer, double context) {
    const double keys = context + 1;
    return match(
        mixer, [](const NoMixer&) { return 0.0; },
        [&](const SoftmaxAttention& a) {
            return 2 * as_double(a.heads) * as_double(a.qk_dim + a.v_dim) * kept_tokens(mixer, keys);
        },
        [&](const LatentAttention& a) {
            // Absorbed decode form: every head works on the shared latent. Source: arXiv 2405.04434, 2.1.2.
            double seen = keys, flops = 0;
            if (a.indexer) {
                flops += 2 * as_double(a.indexer->heads) * as_double(a.indexer->dim) * keys;
                seen = std::min(keys, as_double(a.indexer->top_k));
            }
            return flops + 2 * as_double(a.heads) * as_double(2 * a.kv_rank + a.rope_dim) * seen;
        },
        [](const LinearState& s) { return s.flops_per_token; });
}

// Weights of a decoder layer one output token is multiplied with. Cross keys and values were projected
// once, with the input.
double layer_matmul_parameters(const LayerGroup& g, std::int64_t hidden_size) {
    const double hidden = as_double(hidden_size);
    double n = mixer_parameters(g.mixer, hidden_size);
    if (g.cross) n += hidden * as_double(g.cross->heads) * as_double(g.cross->qk_dim + g.cross->v_dim);
    return n +
           match(
               g.ffn, [](const NoFfn&) { return 0.0; },
               [&](const DenseFfn& f) { return ffn_parameters(hidden, as_double(f.width), f.gated, f.bias); },
               [&](const MoeFfn& m) {
                   return always_on_parameters(m, hidden) + router_parameters(m, hidden) +
                          as_double(m.top_k) * expert_parameters(m, hidden_size);
               });
}

}  // namespace

double softmax_attention_parameters(const SoftmaxAttention& a, std::int64_t hidden_size) {
    const double hidden = as_double(hidden_size);
    const double q = as_double(a.heads * a.qk_dim) * (a.output_gate ? 2 : 1);
    const double k = as_double(a.kv_heads * a.qk_dim);
    const double v = a.shared_key_value ? 0 : as_double(a.kv_heads * a.v_dim);
    double n = hidden * (q + k + v) + as_double(a.heads * a.v_dim) * hidden;
    if (a.qkv_bias) n += q + k + v;
    if (a.output_bias) n += hidden;
    if (a.sinks) n += as_double(a.heads);
    if (a.qk_norm == QkNorm::per_head) n += 2 * as_double(a.qk_dim);
    if (a.qk_norm == QkNorm::full_width) n += as_double((a.heads + a.kv_heads) * a.qk_dim);
    return n;
}

double mixer_parameters(const Mixer& mixer, std::int64_t hidden) {
    return match(
        mixer, [](const NoMixer&) { return 0.0; },
        [&](const SoftmaxAttention& a) { return softmax_attention_parameters(a, hidden); },
        [&](const LatentAttention& a) { return latent_attention_parameters(a, hidden); },
        [&](const LinearState& s) { return linear_state_parameters(s, hidden); });
}

double expert_parameters(const MoeFfn& moe, std::int64_t hidden) {
    return ffn_parameters(as_double(moe.latent > 0 ? moe.latent : hidden), as_double(moe.width), moe.gated,
                          moe.expert_bias);
}

ParameterCount count_parameters(const ModelSpec& model) {
    ParameterCount c;
    double unused = 0;  // routed experts a token does not visit
    const double table = as_double(model.vocab) * as_double(model.hidden);
    c.input_embedding = table;
    c.head = (model.tied_embeddings ? 0 : table) + (model.head_bias ? as_double(model.vocab) : 0);
    c.norms_and_other = model.position_parameters;
    for (const auto* stack : {&model.layers, &model.encoder}) {
        for (const auto& group : *stack) add_layers(c, unused, group, model.hidden);
    }
    c.total = c.input_embedding + c.head + c.attention + c.dense_ffn + c.routed_experts + c.router +
              c.norms_and_other;
    c.active_all = c.total - unused;
    // A tied table stays: as the head it is multiplied with.
    c.active_no_input = model.tied_embeddings ? c.active_all : c.active_all - c.input_embedding;
    c.active_no_embeddings = c.active_all - c.input_embedding - c.head;
    return c;
}

double kv_elements_per_token(const Mixer& mixer) {
    return match(
        mixer, [](const NoMixer&) { return 0.0; },
        [](const SoftmaxAttention& a) {
            return as_double(a.kv_heads) * as_double(a.qk_dim + (a.shared_key_value ? 0 : a.v_dim));
        },
        [](const LatentAttention& a) { return as_double(a.kv_rank + a.rope_dim); },
        [](const LinearState&) { return 0.0; });
}

Bytes indexer_key_bytes_per_token(const Mixer& mixer) {
    const auto* latent = std::get_if<LatentAttention>(&mixer);
    if (!latent || !latent->indexer) return {};
    const double dim = as_double(latent->indexer->dim);
    return {dim + 4.0 * dim / 128.0};
}

Bytes layer_kv_bytes_per_token(const Mixer& mixer, NumberFormat kv) {
    return Bytes{bytes_of(kv_elements_per_token(mixer), kv)} + indexer_key_bytes_per_token(mixer);
}

Bytes kv_bytes_per_token(const ModelSpec& model, NumberFormat kv) {
    Bytes sum;
    for (const auto& group : model.layers)
        sum += as_double(group.count) * layer_kv_bytes_per_token(group.mixer, kv);
    return sum;
}

Bytes kv_bytes_per_sequence(const ModelSpec& model, NumberFormat kv, double context) {
    Bytes sum;
    for (const auto& group : model.layers) {
        Bytes layer = kept_tokens(group.mixer, context) * layer_kv_bytes_per_token(group.mixer, kv);
        if (const auto* state = std::get_if<LinearState>(&group.mixer)) layer += state_bytes(*state);
        sum += as_double(group.count) * layer;
    }
    return sum;
}

Bytes state_bytes(const LinearState& state) {
    return {4.0 * state.state_elements + 2.0 * state.conv_elements};
}

Flops flops_per_output_token(const ModelSpec& model, double context) {
    const double head = as_double(model.vocab) * as_double(model.hidden);
    double flops = 2 * head;
    for (const auto& group : model.layers) {
        const double per_layer =
            2 * layer_matmul_parameters(group, model.hidden) + attention_flops(group.mixer, context);
        flops += as_double(group.count) * per_layer;
    }
    return {flops};
}

}  // namespace moeplan
