#pragma once
// Models made by hand from their published configs, and small ones for laws: no import involved.
// Sizes: meta-llama/Meta-Llama-3-8B, mistralai/Mixtral-8x7B-v0.1, deepseek-ai/DeepSeek-V3 and -V3.2-Exp config.json.

#include <string>
#include <utility>
#include <vector>

#include "core/model/model_spec.h"

namespace moeplan::models {

inline SoftmaxAttention gqa(std::int64_t heads, std::int64_t kv_heads, std::int64_t dim) {
    SoftmaxAttention a;
    a.heads = heads;
    a.kv_heads = kv_heads;
    a.qk_dim = dim;
    a.v_dim = dim;
    return a;
}

inline MoeFfn experts_of(std::int64_t experts, std::int64_t top_k, std::int64_t width, std::int64_t shared = 0) {
    MoeFfn f;
    f.experts = experts;
    f.top_k = top_k;
    f.width = width;
    f.shared_width = shared;
    return f;
}

inline LayerGroup group_of(std::int64_t count, Mixer mixer, FeedForward ffn, std::int64_t hidden) {
    LayerGroup g;
    g.count = count;
    g.mixer = std::move(mixer);
    g.ffn = std::move(ffn);
    g.norm_parameters = 2.0 * static_cast<double>(hidden);
    return g;
}

inline ModelSpec model_of(std::string id, std::int64_t hidden, std::int64_t vocab, std::vector<LayerGroup> layers) {
    ModelSpec m;
    m.id = std::move(id);
    m.hidden = hidden;
    m.vocab = vocab;
    m.position_parameters = static_cast<double>(hidden);   // the final norm
    m.layers = std::move(layers);
    m.source = "made by hand";
    return m;
}

inline ModelSpec llama3_8b() {
    return model_of("llama-3-8b", 4096, 128256, {group_of(32, gqa(32, 8, 128), DenseFfn{14336}, 4096)});
}

inline ModelSpec mixtral_8x7b() {
    return model_of("mixtral-8x7b", 4096, 32000, {group_of(32, gqa(32, 8, 128), experts_of(8, 2, 14336), 4096)});
}

inline LatentAttention latent(std::int64_t heads, std::int64_t q_rank, std::int64_t kv_rank, std::int64_t nope, std::int64_t rope, std::int64_t v) {
    LatentAttention a;
    a.heads = heads;
    a.q_rank = q_rank;
    a.kv_rank = kv_rank;
    a.nope_dim = nope;
    a.rope_dim = rope;
    a.v_dim = v;
    return a;
}

inline ModelSpec deepseek_v3(bool sparse = false) {
    LatentAttention a = latent(128, 1536, 512, 128, 64, 128);
    if (sparse) a.indexer = SparseIndexer{64, 128, 2048};
    return model_of(sparse ? "deepseek-v3.2" : "deepseek-v3", 7168, 129280,
                    {group_of(3, a, DenseFfn{18432}, 7168), group_of(58, a, experts_of(256, 8, 2048, 2048), 7168)});
}

inline ModelSpec tiny_dense() { return model_of("tiny-dense", 256, 1024, {group_of(4, gqa(8, 8, 32), DenseFfn{1024}, 256)}); }

inline ModelSpec tiny_moe() { return model_of("tiny-moe", 256, 1024, {group_of(4, gqa(8, 2, 32), experts_of(16, 2, 512, 256), 256)}); }

inline ModelSpec tiny_windowed() {
    SoftmaxAttention near = gqa(8, 4, 32);
    near.window = 128;
    return model_of("tiny-windowed", 256, 1024, {group_of(3, near, DenseFfn{1024}, 256), group_of(1, gqa(8, 4, 32), DenseFfn{1024}, 256)});
}

inline ModelSpec tiny_latent_experts() {
    MoeFfn f = experts_of(16, 4, 512);
    f.latent = 64;
    return model_of("tiny-latent-experts", 256, 1024, {group_of(4, gqa(8, 8, 32), f, 256)});
}

// Three recurrent layers for each attention layer, experts in all of them.
inline ModelSpec tiny_hybrid() {
    LinearState s;
    s.kind = StateKind::gated_delta_net;
    s.in_width = 1024;
    s.out_width = 512;
    s.other_parameters = 1024;
    s.state_elements = 8 * 64 * 64;
    s.conv_elements = 3 * 1024;
    s.flops_per_token = 6 * s.state_elements;
    return model_of("tiny-hybrid", 256, 1024, {group_of(3, s, experts_of(16, 2, 512, 256), 256), group_of(1, gqa(8, 2, 32), experts_of(16, 2, 512, 256), 256)});
}

inline std::vector<ModelSpec> all() {
    return {llama3_8b(), mixtral_8x7b(), deepseek_v3(), deepseek_v3(true), tiny_dense(), tiny_moe(), tiny_windowed(), tiny_latent_experts(), tiny_hybrid()};
}

}  // namespace moeplan::models
