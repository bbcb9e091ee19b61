#include <algorithm>

#include "core/base/match.h"
#include "core/model/count.h"
#include "core/ops/lower_parts.h"

namespace moeplan {
namespace {

// Key-value heads that do not divide over tp ranks are replicated.
double local_kv_heads(std::int64_t kv_heads, double tp) { return std::max(1.0, static_cast<double>(kv_heads) / tp); }

std::optional<double> as_double(const std::optional<std::int64_t>& n) {
    return n ? std::optional<double>(static_cast<double>(*n)) : std::nullopt;
}

Attention core_of(const SoftmaxAttention& a, const SequenceGroup& g, bool decode, double tp, NumberFormat kv) {
    Attention op;
    op.decode = decode;
    op.sequences = g.sequences;
    op.new_tokens = g.new_tokens;
    op.context = g.context;
    op.heads = static_cast<double>(a.heads) / tp;
    op.kv_heads = local_kv_heads(a.kv_heads, tp);
    op.qk_dim = static_cast<double>(a.qk_dim);
    op.v_dim = static_cast<double>(a.v_dim);
    op.window = as_double(a.window);
    op.shared_key_value = a.shared_key_value;
    op.kv = kv;
    return op;
}

}  // namespace

void Lowering::attention(const SoftmaxAttention& a, const StepShape& mine, double repeat) {
    const double tokens = mine.tokens();
    const double heads = static_cast<double>(a.heads) / tp;
    const double kv = local_kv_heads(a.kv_heads, tp);
    const double qk = static_cast<double>(a.qk_dim);
    const double v = static_cast<double>(a.v_dim);
    const double qkv_width = heads * qk * (a.output_gate ? 2 : 1) + kv * (qk + (a.shared_key_value ? 0 : v));
    gemm("query, key and value projection", Part::attention_projections, repeat, tokens, qkv_width, hidden, context.precision.linear);
    if (a.qk_norm != QkNorm::none) pass("query and key norms", Part::norms, repeat, 2 * tokens * (heads + kv) * qk * kActivationBytes);
    // A norm over all heads sums squares over the ranks that hold them, in fp32, queries and keys in one exchange
    // (vllm-project/vllm: model_executor/models/minimax_m2.py).
    if (a.qk_norm == QkNorm::full_width) {
        collective("all-reduce of query and key variances", CollectiveKind::all_reduce, repeat, tokens * 2 * 4, context.layout.tp, context.layout.tp);
    }
    // Rotary embedding and the cache write: queries and keys read and written once.
    pass("rotary embedding and cache write", Part::attention, repeat, 2 * tokens * (heads * qk + kv * (qk + v)) * kActivationBytes);
    if (mine.prefill.tokens() > 0) add("attention of prompts", {Part::attention, repeat, core_of(a, mine.prefill, false, tp, context.precision.kv)});
    if (mine.decode.tokens() > 0) add("attention over the cache", {Part::attention, repeat, core_of(a, mine.decode, true, tp, context.precision.kv)});
    gemm("attention output projection", Part::attention_projections, repeat, tokens, hidden, heads * v, context.precision.linear);
    all_reduce_hidden("all-reduce after attention", repeat, tokens);
}

// Queries of the decoder over the encoder's output, whose keys and values are projected once, at prefill.
// No core here: input tokens lie in the cross cache, output tokens in the decoder's own, both equally wide, and the
// self-attention op already stands for all of them (core/model/count.h counts a token once, too).
void Lowering::cross_attention(const SoftmaxAttention& a, const StepShape& mine, double repeat) {
    const double heads = static_cast<double>(a.heads) / tp;
    const double qk = static_cast<double>(a.qk_dim);
    const double v = static_cast<double>(a.v_dim);
    gemm("cross-attention query projection", Part::attention_projections, repeat, mine.tokens(), heads * qk, hidden, context.precision.linear);
    gemm("cross-attention key and value projection", Part::attention_projections, repeat, encoded_tokens, local_kv_heads(a.kv_heads, tp) * (qk + v), hidden, context.precision.linear);
    gemm("cross-attention output projection", Part::attention_projections, repeat, mine.tokens(), hidden, heads * v, context.precision.linear);
    all_reduce_hidden("all-reduce after cross-attention", repeat, mine.tokens());
}

// Decode runs in the latent space (queries absorb the key up-projection, so the cache is read once for all heads), and what is
// absorbed is kept in 16 bits whatever the checkpoint holds (vllm-project/vllm: v1/attention/backends/mla/common.py);
// prefill expands keys and values first. Source: DeepSeek-V2, arXiv 2405.04434, 2.1.2 and appendix C.
void Lowering::latent_core(const LatentAttention& a, const SequenceGroup& g, bool decode, double repeat) {
    const double heads = static_cast<double>(a.heads) / tp;
    const double rank = static_cast<double>(a.kv_rank);
    const double nope = static_cast<double>(a.nope_dim);
    const double rope = static_cast<double>(a.rope_dim);
    const double v = static_cast<double>(a.v_dim);
    const NumberFormat linear = context.precision.linear, absorbed = NumberFormat::bf16;
    Attention core;
    core.decode = decode;
    core.sequences = g.sequences;
    core.new_tokens = g.new_tokens;
    core.context = g.context;
    core.heads = heads;
    core.kv = context.precision.kv;
    if (a.indexer) core.selected = static_cast<double>(a.indexer->top_k);
    if (decode) {
        gemm("queries into the latent space", Part::attention_projections, repeat, g.tokens(), heads * rank, nope, absorbed);
        core.kv_heads = 1;
        core.qk_dim = rank + rope;
        core.v_dim = rank;
        core.shared_key_value = true;
        add("attention over the latent cache", {Part::attention, repeat, core});
        gemm("values out of the latent space", Part::attention_projections, repeat, g.tokens(), heads * v, rank, absorbed);
    } else {
        const double keys = g.sequences * (g.context + g.new_tokens);
        // Of every key that is attended to, those of earlier chunks and of a shared prefix too.
        add("keys and values out of the latent space", {Part::attention_projections, repeat, Gemm{keys, heads * (nope + v), rank, linear}, true});
        core.kv_heads = heads;
        core.qk_dim = nope + rope;
        core.v_dim = v;
        core.kv = NumberFormat::bf16;  // expanded, not read from the cache
        add("attention of prompts", {Part::attention, repeat, core});
    }
}

// Scores every cached token with a few small heads and keeps top_k. Source: DeepSeek-V3.2-Exp report, 2.1.
void Lowering::indexer(const SparseIndexer& index, double q_rank, const StepShape& mine, double repeat) {
    const double width = static_cast<double>(index.heads * index.dim);
    gemm("indexer's query projection", Part::attention_projections, repeat, mine.tokens(), width, q_rank, context.precision.linear);
    gemm("indexer's key projection", Part::attention_projections, repeat, mine.tokens(), static_cast<double>(index.dim + index.heads), hidden, context.precision.linear);
    for (const auto& [group, decode] : {std::pair{&mine.prefill, false}, {&mine.decode, true}}) {
        if (group->tokens() <= 0) continue;
        Attention score;
        score.decode = decode;
        score.sequences = group->sequences;
        score.new_tokens = group->new_tokens;
        score.context = group->context;
        score.heads = static_cast<double>(index.heads);
        score.kv_heads = 1;
        score.qk_dim = static_cast<double>(index.dim);
        score.v_dim = 0;
        score.kv = NumberFormat::fp8;  // the indexer's key cache is fp8 in the published implementation
        add(decode ? "indexer's scores over the cache" : "indexer's scores of prompts", {Part::attention, repeat, score});
    }
}

void Lowering::attention(const LatentAttention& a, const StepShape& mine, double repeat) {
    const double tokens = mine.tokens();
    const double heads = static_cast<double>(a.heads) / tp;
    const double qk = static_cast<double>(a.nope_dim + a.rope_dim);
    const double latent = static_cast<double>(a.kv_rank + a.rope_dim);
    const NumberFormat linear = context.precision.linear;
    if (a.q_rank) {
        const double q_rank = static_cast<double>(*a.q_rank);
        gemm("query and latent down-projection", Part::attention_projections, repeat, tokens, q_rank + latent, hidden, linear);
        gemm("query up-projection", Part::attention_projections, repeat, tokens, heads * qk, q_rank, linear);
        if (a.indexer) indexer(*a.indexer, q_rank, mine, repeat);
    } else {
        gemm("query and latent projection", Part::attention_projections, repeat, tokens, heads * qk + latent, hidden, linear);
        if (a.indexer) indexer(*a.indexer, hidden, mine, repeat);
    }
    pass("rotary embedding and cache write", Part::attention, repeat, 2 * tokens * (heads * qk + latent) * kActivationBytes);
    if (mine.prefill.tokens() > 0) latent_core(a, mine.prefill, false, repeat);
    if (mine.decode.tokens() > 0) latent_core(a, mine.decode, true, repeat);
    gemm("attention output projection", Part::attention_projections, repeat, tokens, hidden, heads * static_cast<double>(a.v_dim), linear);
    all_reduce_hidden("all-reduce after attention", repeat, tokens);
}

void Lowering::linear(const LinearState& s, const StepShape& mine, double repeat) {
    const double tokens = mine.tokens();
    const double out = static_cast<double>(s.out_width) / tp;
    gemm("linear mixer input projection", Part::attention_projections, repeat, tokens, static_cast<double>(s.in_width) / tp, hidden, context.precision.linear);
    if (s.inner_gemm_parameters > 0) {
        gemm("linear mixer inner projection", Part::attention_projections, repeat, tokens, s.inner_gemm_parameters / static_cast<double>(s.out_width), out, context.precision.linear);
    }
    StateUpdate update;
    update.sequences = mine.prefill.sequences + mine.decode.sequences;
    update.tokens = tokens;
    update.flops_per_token = s.flops_per_token / tp;
    update.state = state_bytes(s) / tp;
    update.width = static_cast<double>(s.in_width + s.out_width) / tp;
    add("recurrent state update", {Part::linear_state, repeat, update});
    gemm("linear mixer output projection", Part::attention_projections, repeat, tokens, hidden, out, context.precision.linear);
    all_reduce_hidden("all-reduce after linear mixer", repeat, tokens);
}

void Lowering::mixer(const LayerGroup& group, const StepShape& mine, double repeat) {
    match(
        group.mixer, [](const NoMixer&) {}, [&](const SoftmaxAttention& a) { attention(a, mine, repeat); },
        [&](const LatentAttention& a) { attention(a, mine, repeat); },
        [&](const LinearState& s) { linear(s, mine, repeat); });
    if (group.cross) cross_attention(*group.cross, mine, repeat);
}

}  // namespace moeplan
