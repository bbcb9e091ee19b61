#include <algorithm>

#include "core/base/match.h"
#include "core/base/require.h"
#include "core/ops/lower_parts.h"

namespace moeplan {

void Lowering::dense(Part part, double width, bool gated, double tokens, double repeat) {
    const double local = width / tp;
    gemm(part, repeat, tokens, local * (gated ? 2 : 1), hidden, context.precision.linear);
    // The activation reads both halves and writes one.
    pass(part, repeat, tokens * local * (gated ? 3 : 2) * kActivationBytes);
    gemm(part, repeat, tokens, hidden, local, context.precision.linear);
}

// Tokens to the GPUs of their experts. With attention data parallelism every dp rank owns different tokens:
// with ep they are sent to their experts' ranks (all-to-all), without it gathered everywhere.
// Without dp the tokens are on every rank already.
void Lowering::dispatch(const MoeFfn& f, double mine_tokens, double step_tokens, double repeat) {
    const Layout& layout = context.layout;
    const double row = hidden * kActivationBytes;
    // Sorted by expert: every token is read once and written top_k times.
    pass(Part::dispatch, repeat, mine_tokens * row * (1 + static_cast<double>(f.top_k)));
    if (layout.dp == 1) return;
    if (layout.ep > 1) {
        // A token goes at most once to each rank, however many of its experts live there.
        const double copies = std::min(static_cast<double>(f.top_k), static_cast<double>(layout.ep));
        collective(CollectiveKind::all_to_all, repeat, mine_tokens / tp * copies * row, layout.ep, layout.stage_gpus());
    } else {
        collective(CollectiveKind::all_gather, repeat, step_tokens * row, layout.dp, layout.stage_gpus());
    }
}

void Lowering::combine(const MoeFfn& f, double mine_tokens, double step_tokens, double repeat) {
    const Layout& layout = context.layout;
    const double row = hidden * kActivationBytes;
    pass(Part::dispatch, repeat, mine_tokens * row * (1 + static_cast<double>(f.top_k)));
    if (layout.dp == 1) {
        all_reduce_hidden(repeat, mine_tokens);
        return;
    }
    if (layout.ep > 1) {
        const double copies = std::min(static_cast<double>(f.top_k), static_cast<double>(layout.ep));
        collective(CollectiveKind::all_to_all, repeat, mine_tokens / tp * copies * row, layout.ep, layout.stage_gpus());
        collective(CollectiveKind::all_gather, repeat, mine_tokens * row, layout.tp, layout.tp);
    } else {
        collective(CollectiveKind::reduce_scatter, repeat, step_tokens * row, layout.dp, layout.stage_gpus());
        all_reduce_hidden(repeat, mine_tokens);
    }
}

void Lowering::moe(const MoeFfn& f, const StepShape& mine, const StepShape& step, double repeat) {
    require(context.expert_load != nullptr, "lower: a model with experts needs an expert load table");
    const double mine_tokens = mine.tokens();
    const double step_tokens = step.tokens();
    const double experts = static_cast<double>(f.experts);

    // The router stays in bf16 and whole on every rank; top-k reads its scores.
    gemm(Part::router, repeat, mine_tokens, experts, hidden, NumberFormat::bf16);
    pass(Part::router, repeat, mine_tokens * (experts * 4 + static_cast<double>(f.top_k) * 8));
    if (f.shared_width > 0) dense(Part::shared_expert, static_cast<double>(f.shared_width), f.gated, mine_tokens, repeat);
    if (f.parallel_width > 0) dense(Part::dense_ffn, static_cast<double>(f.parallel_width), f.gated, mine_tokens, repeat);

    dispatch(f, mine_tokens, step_tokens, repeat);
    const ExpertLoad load = context.expert_load->at(step_tokens);
    ExpertFfn op;
    op.pairs = load.busiest_pairs;
    op.activated = load.busiest_activated;
    op.hottest = load.hottest_pairs;
    op.held = context.expert_load->held_per_rank();
    op.hidden = hidden;
    op.width = static_cast<double>(f.width) / static_cast<double>(context.layout.moe_tp);
    op.top_k = f.top_k;
    op.gated = f.gated;
    op.weights = context.precision.experts;
    ops.push_back({Part::experts, repeat, op});
    if (context.experts_on_host > 0) {
        const double one = (f.gated ? 3 : 2) * hidden * op.width * bits_per_weight(op.weights) / 8;
        ops.push_back({Part::offload, repeat, HostFetch{{context.experts_on_host * load.busiest_activated * one}}});
    }
    combine(f, mine_tokens, step_tokens, repeat);
}

void Lowering::feed_forward(const FeedForward& ffn, const StepShape& mine, const StepShape& step, double repeat) {
    match(
        ffn, [](const NoFfn&) {},
        [&](const DenseFfn& f) {
            dense(Part::dense_ffn, static_cast<double>(f.width), f.gated, mine.tokens(), repeat);
            all_reduce_hidden(repeat, mine.tokens());
        },
        [&](const MoeFfn& f) { moe(f, mine, step, repeat); });
}

}  // namespace moeplan
