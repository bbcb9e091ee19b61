#include <algorithm>

#include "core/base/match.h"
#include "core/base/require.h"
#include "core/ops/lower_parts.h"

namespace moeplan {
namespace {

NumberFormat unquantised(NumberFormat format) {
    return format == NumberFormat::fp16 || format == NumberFormat::fp32 ? format : NumberFormat::bf16;
}

}  // namespace

const Lowering::DenseNames Lowering::kDenseFfn{"dense ffn up", "dense ffn activation", "dense ffn down"};

double Lowering::expert_width(const MoeFfn& f) const {
    return f.latent > 0 ? static_cast<double>(f.latent) : hidden;
}

void Lowering::dense(const DenseNames& called, Part part, double width, bool gated, double tokens, double repeat) {
    const double local = width / tp;
    gemm(called.up, part, repeat, tokens, local * (gated ? 2 : 1), hidden, context.precision.linear);
    // The activation reads both halves and writes one.
    pass(called.activation, part, repeat, tokens * local * (gated ? 3 : 2) * kActivationBytes);
    gemm(called.down, part, repeat, tokens, hidden, local, context.precision.linear);
}

// Tokens to the GPUs of their experts. With attention data parallelism every dp rank owns different tokens:
// with ep they are sent to their experts' ranks (all-to-all), without it gathered everywhere.
// Without dp the tokens are on every rank already.
// A token goes at most once to each expert rank, however many of its experts live there, and to all moe_tp pieces of it.
double Lowering::exchanged_bytes(const MoeFfn& f, double mine_tokens) const {
    const Layout& layout = context.layout;
    const double copies = std::min(static_cast<double>(f.top_k), static_cast<double>(layout.ep));
    return mine_tokens / tp * copies * static_cast<double>(layout.moe_tp) * expert_width(f) * kActivationBytes;
}

// Rows sorted by expert, or summed back into tokens: each token of the rank once, each of its pairs once.
void Lowering::permute(std::string_view name, const MoeFfn& f, double pairs, double step_tokens, double repeat) {
    const double bytes = (std::min(step_tokens, pairs) + pairs) * expert_width(f) * kActivationBytes;
    if (bytes > 0) add(name, {Part::dispatch, repeat, MemoryPass{{bytes}, context.precision.experts}});
}

void Lowering::dispatch(const MoeFfn& f, double mine_tokens, double step_tokens, double repeat) {
    const Layout& layout = context.layout;
    if (layout.dp == 1) return;
    if (layout.ep > 1) {
        collective("send tokens to their experts", CollectiveKind::all_to_all, repeat, exchanged_bytes(f, mine_tokens), layout.stage_gpus(), layout.stage_gpus());
    } else {
        collective("gather tokens for experts", CollectiveKind::all_gather, repeat, step_tokens * expert_width(f) * kActivationBytes, layout.dp, layout.stage_gpus());
    }
}

void Lowering::combine(const MoeFfn& f, double mine_tokens, double step_tokens, double repeat) {
    const Layout& layout = context.layout;
    if (layout.dp > 1 && layout.ep > 1) {
        collective("bring tokens back from experts", CollectiveKind::all_to_all, repeat, exchanged_bytes(f, mine_tokens), layout.stage_gpus(), layout.stage_gpus());
        collective("gather tokens after experts", CollectiveKind::all_gather, repeat, mine_tokens * hidden * kActivationBytes, layout.tp, layout.tp);
        return;
    }
    if (layout.dp > 1) {
        collective("sum and scatter expert outputs", CollectiveKind::reduce_scatter, repeat, step_tokens * expert_width(f) * kActivationBytes, layout.dp, layout.stage_gpus());
    }
    all_reduce_hidden("all-reduce after experts", repeat, mine_tokens);
}

void Lowering::moe(const MoeFfn& f, const StepShape& mine, const StepShape& step, double repeat) {
    require(context.expert_load != nullptr, "lower: a model with experts needs an expert load table");
    const double mine_tokens = mine.tokens();
    const double step_tokens = step.tokens();
    const double experts = static_cast<double>(f.experts);

    // The router is never quantised and whole on every rank; top-k reads its scores.
    if (f.fp32_router) pass("tokens to fp32 for the router", Part::router, repeat, mine_tokens * hidden * (kActivationBytes + 4));
    gemm("router", Part::router, repeat, mine_tokens, experts, hidden, f.fp32_router ? NumberFormat::fp32 : unquantised(context.precision.embedding));
    pass("top-k of the router's scores", Part::router, repeat, mine_tokens * (experts * 4 + static_cast<double>(f.top_k) * 8));
    if (f.shared_width > 0) dense({"shared expert up", "shared expert activation", "shared expert down"}, Part::shared_expert, static_cast<double>(f.shared_width), f.gated, mine_tokens, repeat);
    if (f.parallel_width > 0) dense(kDenseFfn, Part::dense_ffn, static_cast<double>(f.parallel_width), f.gated, mine_tokens, repeat);

    const ExpertLoad load = context.expert_load->at(step_tokens);
    if (f.latent > 0) gemm("into the experts' latent space", Part::experts, repeat, mine_tokens, expert_width(f), hidden, context.precision.linear);
    dispatch(f, mine_tokens, step_tokens, repeat);
    permute("sort tokens by expert", f, load.busiest_pairs, step_tokens, repeat);
    ExpertFfn op;
    op.tokens = step_tokens;
    op.experts = experts;
    op.pairs = load.busiest_pairs;
    op.activated = load.busiest_activated;
    op.hottest = load.hottest_pairs;
    op.held = context.expert_load->held_per_rank();
    op.hidden = expert_width(f);
    op.width = static_cast<double>(f.width) / static_cast<double>(context.layout.moe_tp);
    op.top_k = f.top_k;
    op.gated = f.gated;
    op.weights = context.precision.experts;
    add("routed experts", {Part::experts, repeat, op});
    if (context.experts_on_host > 0) {
        const double one = (f.gated ? 3 : 2) * op.hidden * op.width * bits_per_weight(op.weights) / 8;
        add("fetch experts from host memory", {Part::offload, repeat, HostFetch{{context.experts_on_host * load.busiest_activated * one}}});
    }
    permute("sum experts back into tokens", f, load.busiest_pairs, step_tokens, repeat);
    combine(f, mine_tokens, step_tokens, repeat);
    if (f.latent > 0) gemm("out of the experts' latent space", Part::experts, repeat, mine_tokens, hidden, expert_width(f), context.precision.linear);
}

void Lowering::feed_forward(const FeedForward& ffn, const StepShape& mine, const StepShape& step, double repeat) {
    match(
        ffn, [](const NoFfn&) {},
        [&](const DenseFfn& f) {
            dense(kDenseFfn, Part::dense_ffn, static_cast<double>(f.width), f.gated, mine.tokens(), repeat);
            all_reduce_hidden("all-reduce after dense ffn", repeat, mine.tokens());
        },
        [&](const MoeFfn& f) { moe(f, mine, step, repeat); });
}

}  // namespace moeplan
