#include "core/ops/lower.h"

#include <algorithm>
#include <cmath>

#include "core/base/match.h"
#include "core/base/require.h"
#include "core/ops/lower_names.h"
#include "core/ops/lower_parts.h"

namespace moeplan {
namespace {

// An encoder-decoder model reads its prompt in the encoder and starts the decoder from one token.
void lower_encoder(Lowering& l, const StepShape& step) {
    if (step.prefill.tokens() <= 0) return;
    const StepShape only_prefill{step.prefill, {}};
    for (const auto& group : l.context.model->encoder) l.layer(group, only_prefill);
}

void lower_decoder(Lowering& l, const StepShape& step) {
    StepShape seen = step;
    if (!l.context.model->encoder.empty() && seen.prefill.tokens() > 0) {
        l.encoded_tokens = l.on_rank(step.prefill).tokens();
        seen.prefill.new_tokens = 1;
    }
    for (const auto& group : l.context.model->layers) l.layer(group, seen);
}

}  // namespace

Lowering::Lowering(const LoweringContext& lowering_context, std::vector<Op>& into, std::vector<std::string_view>* names_of_ops)
    : context(lowering_context), ops(into), names(names_of_ops) {
    const Layout& layout = context.layout;
    tp = static_cast<double>(layout.tp);
    dp = static_cast<double>(layout.dp);
    hidden = static_cast<double>(context.model->hidden);
}

double Lowering::rank_share(double whole) const {
    // The fullest of dp groups: a single token lands whole on one of them.
    return dp <= 1 ? whole : std::max(whole / dp, std::min(whole, 1.0));
}

SequenceGroup Lowering::on_rank(const SequenceGroup& group) const {
    return {rank_share(group.sequences), group.new_tokens, group.context};
}

void Lowering::add(std::string_view name, const Op& op) {
    ops.push_back(op);
    if (names) names->push_back(name);
}

void Lowering::gemm(std::string_view name, Part part, double repeat, double m, double n, double k, NumberFormat weights) {
    if (m > 0 && n > 0 && k > 0) add(name, {part, repeat, Gemm{m, n, k, weights}});
}

void Lowering::pass(std::string_view name, Part part, double repeat, double bytes) {
    if (bytes > 0) add(name, {part, repeat, MemoryPass{{bytes}}});
}

void Lowering::collective(std::string_view name, CollectiveKind kind, double repeat, double bytes, std::int64_t ranks, std::int64_t span) {
    if (ranks > 1 && bytes > 0) {
        const bool across = span > context.gpus_per_node;
        const std::int64_t per_node = across ? std::max<std::int64_t>(1, ranks * context.gpus_per_node / span) : 1;
        add(name, {Part::communication, repeat, Collective{kind, {bytes}, ranks, across, per_node}});
    }
}

void Lowering::all_reduce_hidden(std::string_view name, double repeat, double tokens) {
    collective(name, CollectiveKind::all_reduce, repeat, tokens * hidden * kActivationBytes, context.layout.tp, context.layout.tp);
}

void Lowering::layer(const LayerGroup& group, const StepShape& step) {
    const StepShape mine{on_rank(step.prefill), on_rank(step.decode)};
    const double repeat = static_cast<double>(group.count);
    const double tokens = mine.tokens();
    // A fused residual-add-and-normalise reads input and residual and writes both.
    const double norms = std::max(1.0, std::round(group.norm_parameters / hidden));
    pass("norms and residuals", Part::norms, repeat * norms, 4 * tokens * hidden * kActivationBytes);
    mixer(group, mine, repeat);
    feed_forward(group.ffn, mine, step, repeat);
}

namespace {

void lower_into(Lowering& l, const StepShape& step) {
    const LoweringContext& context = l.context;
    const ModelSpec& model = *context.model;
    const StepShape mine{l.on_rank(step.prefill), l.on_rank(step.decode)};
    const double tokens = mine.tokens();
    if (tokens <= 0) return;

    l.pass("token embedding", Part::embedding, 1, 2 * tokens * l.hidden * kActivationBytes);
    lower_encoder(l, step);
    lower_decoder(l, step);

    // One row of logits per sequence that gets a token this step.
    const double rows = mine.decode.tokens() + mine.prefill.sequences;
    const double vocab = static_cast<double>(model.vocab);
    l.gemm("output head", Part::head, 1, rows, vocab / l.tp, l.hidden, context.precision.embedding);
    l.collective("gather logits", CollectiveKind::all_gather, 1, rows * vocab * kActivationBytes, context.layout.tp, context.layout.tp);
    l.pass("sampling", Part::sampler, context.sampler_kernels, rows * vocab * context.sampler_bytes_per_logit / context.sampler_kernels);
    if (context.layout.pp > 1) {
        l.collective("send to the next stage", CollectiveKind::point_to_point, static_cast<double>(context.layout.pp - 1),
                     tokens * l.hidden * kActivationBytes, 2, context.layout.gpus());
    }
}

}  // namespace

void lower(const LoweringContext& context, const StepShape& step, std::vector<Op>& ops) {
    require(context.model != nullptr, "lower: a model is needed");
    ops.clear();
    Lowering l(context, ops, nullptr);
    lower_into(l, step);
}

std::vector<NamedOp> lower_named(const LoweringContext& context, const StepShape& step) {
    require(context.model != nullptr, "lower: a model is needed");
    std::vector<Op> ops;
    std::vector<std::string_view> names;
    Lowering l(context, ops, &names);
    lower_into(l, step);
    std::vector<NamedOp> named;
    for (std::size_t i = 0; i < ops.size(); ++i) named.push_back({names[i], ops[i]});
    return named;
}

}  // namespace moeplan
