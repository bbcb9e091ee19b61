#include "core/memory/footprint.h"

#include <algorithm>
#include <cmath>

#include "core/base/match.h"
#include "core/base/require.h"
#include "core/model/count.h"

namespace moeplan {
namespace {

struct WeightShare {
    double attention = 0, dense_ffn = 0, experts = 0, router = 0, other = 0;   // bytes on one rank, all layers of all stages
};

// What tensor parallelism cannot split: a latent attention's down-projections are whole on every rank, and
// key-value heads fewer than ranks are replicated.
double replicated_mixer_parameters(const Mixer& mixer, double hidden, double tp) {
    return match(
        mixer, [](const NoMixer&) { return 0.0; },
        [&](const SoftmaxAttention& a) {
            const double ranks_per_head = std::max(1.0, tp / static_cast<double>(a.kv_heads));
            const double kv = static_cast<double>(a.kv_heads) * static_cast<double>(a.qk_dim + (a.shared_key_value ? 0 : a.v_dim)) * hidden;
            return kv * (ranks_per_head - 1) / tp;
        },
        [&](const LatentAttention& a) {
            double down = hidden * static_cast<double>(a.kv_rank + a.rope_dim);
            if (a.q_rank) down += hidden * static_cast<double>(*a.q_rank);
            if (a.indexer) {
                const double from = a.q_rank ? static_cast<double>(*a.q_rank) : hidden;
                down += static_cast<double>(a.indexer->heads * a.indexer->dim) * from +
                        hidden * static_cast<double>(a.indexer->dim + a.indexer->heads);
            }
            return down * (1 - 1 / tp);
        },
        [](const LinearState&) { return 0.0; });
}

double ffn_parameters(double hidden, double width, bool gated) { return (gated ? 3 : 2) * hidden * width; }

void add_ffn(WeightShare& share, const FeedForward& ffn, const FootprintInput& in, double count, double tp) {
    const double hidden = static_cast<double>(in.model->hidden);
    const double linear = bits_per_weight(in.precision.linear) / 8;
    match(
        ffn, [](const NoFfn&) {},
        [&](const DenseFfn& f) {
            share.dense_ffn += count * ffn_parameters(hidden, static_cast<double>(f.width), f.gated) * linear / tp;
        },
        [&](const MoeFfn& f) {
            // The fullest rank holds ceil(slots/ep) experts, each cut moe_tp ways.
            const double slots = std::ceil((static_cast<double>(f.experts) + in.redundant_experts) / static_cast<double>(in.layout.ep));
            share.experts += count * slots * expert_parameters(f, in.model->hidden) / static_cast<double>(in.layout.moe_tp) *
                             bits_per_weight(in.precision.experts) / 8;
            share.router += count * hidden * static_cast<double>(f.experts) * (f.fp32_router ? 4 : 2);
            const double dense = static_cast<double>(f.shared_width + f.parallel_width);
            share.dense_ffn += count * ffn_parameters(hidden, dense, f.gated) * linear / tp;
            // Projections to and from a latent the experts work on are whole on every rank.
            share.dense_ffn += count * 2 * hidden * static_cast<double>(f.latent) * linear;
        });
}

WeightShare layer_weights(const FootprintInput& in) {
    const ModelSpec& model = *in.model;
    const double tp = static_cast<double>(in.layout.tp);
    const double hidden = static_cast<double>(model.hidden);
    const double linear = bits_per_weight(in.precision.linear) / 8;
    WeightShare share;
    for (const auto* stack : {&model.layers, &model.encoder}) {
        for (const auto& group : *stack) {
            const double count = static_cast<double>(group.count);
            double mixer = mixer_parameters(group.mixer, model.hidden) / tp + replicated_mixer_parameters(group.mixer, hidden, tp);
            if (group.cross) mixer += softmax_attention_parameters(*group.cross, model.hidden) / tp;
            share.attention += count * mixer * linear;
            add_ffn(share, group.ffn, in, count, tp);
            share.other += count * group.norm_parameters * 2;
        }
    }
    return share;
}

// Layers are dealt to stages whole, so the fullest stage holds ceil(L/pp) of them.
double fullest_stage_share(const ModelSpec& model, double pp) {
    const double layers = static_cast<double>(model.layer_count());
    return std::ceil(layers / pp) / layers;
}

void fill_weights(Footprint& out, const FootprintInput& in) {
    const ModelSpec& model = *in.model;
    const double tp = static_cast<double>(in.layout.tp);
    const double pp = static_cast<double>(in.layout.pp);
    const double stage = fullest_stage_share(model, pp);
    const double table = static_cast<double>(model.vocab * model.hidden) * bits_per_weight(in.precision.embedding) / 8 / tp;
    // With stages the table is on the first and the head on the last; a tied model needs it on both.
    const double embeddings = model.tied_embeddings || pp > 1 ? table : 2 * table;
    WeightShare share = layer_weights(in);
    if (model.measured) {
        // Exact bytes of the file, split as the layout splits computed ones.
        const MeasuredWeights& m = *model.measured;
        share = {m.attention.value / tp, m.dense_ffn.value / tp,
                 m.experts.value / static_cast<double>(in.layout.ep * in.layout.moe_tp), m.router.value, m.other.value};
        out.embeddings = {pp > 1 ? std::max(m.embedding.value, m.head.value) / tp : (m.embedding.value + m.head.value) / tp};
    } else {
        out.embeddings = {embeddings};
    }
    out.attention = {share.attention * stage};
    out.dense_ffn = {share.dense_ffn * stage};
    out.on_host = {share.experts * stage * in.experts_on_host};
    out.experts = {share.experts * stage * (1 - in.experts_on_host)};
    out.other = {(share.other + share.router) * stage + model.position_parameters * 2};
    out.weights = out.attention + out.dense_ffn + out.experts + out.embeddings + out.other;
}

// Live buffers of one step: residual, normed input, attention or FFN intermediate, and fp32 logits of the
// sequences that get a token. An estimate (docs/method.md, "Activations"); engines measure theirs at start.
double activation_bytes(const FootprintInput& in) {
    const ModelSpec& model = *in.model;
    const double tp = static_cast<double>(in.layout.tp);
    const double tokens = std::ceil(in.step_tokens / static_cast<double>(in.layout.dp));
    double widest = 0;
    for (const auto& group : model.layers) {
        match(
            group.ffn, [](const NoFfn&) {},
            [&](const DenseFfn& f) { widest = std::max(widest, static_cast<double>(f.width) * (f.gated ? 3 : 2) / tp); },
            [&](const MoeFfn& f) {
                const double pair = static_cast<double>(f.width) * (f.gated ? 3 : 2) / static_cast<double>(in.layout.moe_tp) +
                                    2 * static_cast<double>(model.hidden);
                // Pairs of a step spread over ep ranks.
                const double pairs = static_cast<double>(f.top_k) * static_cast<double>(in.layout.dp) / static_cast<double>(in.layout.ep);
                widest = std::max(widest, pair * pairs);
            });
    }
    // The sampler sees the whole vocabulary in fp32, on every rank.
    const double logits = std::min(tokens, static_cast<double>(in.engine->max_sequences)) * static_cast<double>(model.vocab) * 4;
    return tokens * (3 * static_cast<double>(model.hidden) + widest) * 2 + logits;
}

// Cache elements one rank keeps: heads split over tp (never below one), latents whole.
double kv_split(const Mixer& mixer, double tp) {
    if (const auto* a = std::get_if<SoftmaxAttention>(&mixer)) {
        return std::max(1.0, static_cast<double>(a->kv_heads) / tp) / static_cast<double>(a->kv_heads);
    }
    return std::holds_alternative<LatentAttention>(mixer) ? 1.0 : 1.0 / tp;
}

// Cache bytes one token adds to one layer on this rank. An indexer's keys are whole on every rank, as latents are.
double token_bytes(const Mixer& mixer, const FootprintInput& in, double tp) {
    return kv_elements_per_token(mixer) * bits_per_weight(in.precision.kv) / 8 * kv_split(mixer, tp) + indexer_key_bytes_per_token(mixer).value;
}

// Cache of one sequence holding `tokens`, on this rank: windows cut, whole blocks, linear states once.
Bytes sequence_bytes(const FootprintInput& in, double tokens) {
    const ModelSpec& model = *in.model;
    const double tp = static_cast<double>(in.layout.tp);
    const double stage = fullest_stage_share(model, static_cast<double>(in.layout.pp));
    const double block = static_cast<double>(in.engine->block_tokens);
    double bytes = 0;
    for (const auto& group : model.layers) {
        const double layers = static_cast<double>(group.count) * stage;
        if (const auto* state = std::get_if<LinearState>(&group.mixer)) {
            bytes += state_bytes(*state).value * layers * kv_split(group.mixer, tp);
            continue;
        }
        double kept = tokens;
        if (const auto* a = std::get_if<SoftmaxAttention>(&group.mixer); a && a->window) {
            kept = std::min(kept, static_cast<double>(*a->window));
        }
        // A decoder's cross cache holds the input tokens, its own the output tokens: together the context, counted once.
        bytes += token_bytes(group.mixer, in, tp) * layers * std::ceil(kept / block) * block;
    }
    return {bytes};
}

Bytes bytes_per_token(const FootprintInput& in) {
    const double stage = fullest_stage_share(*in.model, static_cast<double>(in.layout.pp));
    double bytes = 0;
    for (const auto& group : in.model->layers) {
        bytes += token_bytes(group.mixer, in, static_cast<double>(in.layout.tp)) * static_cast<double>(group.count) * stage;
    }
    return {bytes};
}

// Sequences of `each` bytes that fit in what is left, over all dp groups; models without any cache are bound by slots only.
double sequences_in(const Footprint& out, const FootprintInput& in, Bytes each) {
    if (out.kv_available.value <= 0) return 0;
    const double dp = static_cast<double>(in.layout.dp);
    return dp * (each.value > 0 ? std::floor(out.kv_available / each) : static_cast<double>(in.engine->max_sequences));
}

}  // namespace

Footprint footprint(const FootprintInput& in) {
    require(in.model && in.device && in.engine, "footprint: model, device and engine are needed");
    Footprint out;
    fill_weights(out, in);
    out.kv_per_token = bytes_per_token(in);
    out.kv_per_sequence = sequence_bytes(in, in.context_tokens);
    out.activations = {activation_bytes(in)};
    out.engine = in.engine->reserved + (in.layout.gpus() > 1 ? in.engine->communicator : Bytes{});
    out.usable = in.device->usable() * in.engine->memory_fraction;
    out.kv_left = out.usable - out.weights - out.activations - out.engine;
    out.kv_available = out.kv_left;
    // A server that told its blocks knows better than an estimate of its buffers; weights are no estimate.
    if (in.kv_blocks && out.weights < out.usable) out.kv_available = out.kv_per_token * (*in.kv_blocks * static_cast<double>(in.engine->block_tokens));
    out.max_sequences = sequences_in(out, in, out.kv_per_sequence);
    out.running_sequences = out.max_sequences;
    if (in.engine->kv_on_demand && out.fits() && in.mean_context_tokens > 0) {
        out.running_sequences = std::max(out.max_sequences, sequences_in(out, in, sequence_bytes(in, in.mean_context_tokens)));
    }
    return out;
}

Bytes weight_bytes_per_gpu(const ModelSpec& model, const Precision& precision, const Layout& layout) {
    FootprintInput in;
    in.model = &model;
    in.precision = precision;
    in.layout = layout;
    Footprint out;
    fill_weights(out, in);
    return out.weights;
}

}  // namespace moeplan
