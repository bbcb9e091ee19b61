// A plan around the ops of a study.
#include <algorithm>
#include <cmath>

#include "core/base/match.h"
#include "gpu/calibrator/plan_builder.h"

namespace moeplan {
namespace {

std::int64_t whole(double value, double least = 1, std::int64_t most = kMostElements) {
    return std::llround(std::clamp(value, least, static_cast<double>(most)));
}

// Whole loads with the pairs, busy experts and hottest expert of the op: the hottest, then the rest evenly.
std::optional<Kernel> kernel(const ExpertFfn& op) {
    const std::int64_t held = whole(op.held);
    if (held > kMostExperts) return std::nullopt;
    const std::int64_t pairs = whole(op.pairs);
    const std::int64_t activated = std::clamp<std::int64_t>(whole(op.activated), 1, std::min(held, pairs));
    const std::int64_t hottest =
        std::clamp<std::int64_t>(whole(op.hottest), (pairs + activated - 1) / activated, pairs - (activated - 1));
    std::vector<std::int64_t> loads(static_cast<std::size_t>(held), 0);
    loads[0] = hottest;
    const std::int64_t others = activated - 1, left = pairs - hottest;
    for (std::int64_t e = 0; e < others; ++e)
        loads[static_cast<std::size_t>(e + 1)] = left * (e + 1) / others - left * e / others;
    const std::int64_t top_k = std::max<std::int64_t>(1, op.top_k);
    const std::int64_t tokens = std::max(std::ranges::max(loads), (pairs + top_k - 1) / top_k);
    return ExpertKernel{tokens, whole(op.hidden), whole(op.width), top_k, op.gated, op.weights, std::move(loads)};
}

std::optional<Kernel> kernel(const Attention& op) {
    if (op.shared_key_value || op.selected) return std::nullopt;
    AttentionKernel k;
    k.decode = op.decode;
    k.sequences = whole(op.sequences);
    k.new_tokens = op.decode ? 1 : whole(op.new_tokens);
    k.context = whole(op.context, 0);
    k.kv_heads = whole(op.kv_heads);
    k.heads = k.kv_heads * std::max<std::int64_t>(1, std::llround(op.heads / static_cast<double>(k.kv_heads)));
    k.qk_dim = whole(op.qk_dim);
    k.v_dim = whole(op.v_dim);
    k.window = op.window ? whole(*op.window) : 0;
    k.kv = op.kv;
    return k;
}

// The op with `factor` times its tokens, sequences or bytes.
OpKind scaled(OpKind kind, double factor) {
    if (auto* gemm = std::get_if<Gemm>(&kind)) gemm->m *= factor;
    if (auto* a = std::get_if<Attention>(&kind)) (a->decode ? a->sequences : a->new_tokens) *= factor;
    if (auto* pass = std::get_if<MemoryPass>(&kind)) pass->bytes = pass->bytes * factor;
    if (auto* c = std::get_if<Collective>(&kind)) c->bytes = c->bytes * factor;
    if (auto* ffn = std::get_if<ExpertFfn>(&kind)) {
        ffn->pairs *= factor;
        ffn->hottest *= factor;
        // Between "the same experts, busier" and "as many more experts": only where to measure, not what is predicted.
        ffn->activated = std::min(ffn->held, ffn->activated * std::sqrt(factor));
    }
    return kind;
}

const char* why_none(const OpKind& op) {
    if (std::holds_alternative<StateUpdate>(op)) return "recurrent state updates, for which there is no probe";
    if (std::holds_alternative<HostFetch>(op)) return "weights fetched from the host, for which there is no probe";
    if (std::holds_alternative<Collective>(op))
        return "collectives across nodes or of one rank, for which there is no probe";
    if (std::holds_alternative<Attention>(op))
        return "attention over a latent or sparse cache, for which there is no probe";
    return "ops without a kernel";
}

// An op of attention names the format of its cache only: any the worker has for that cache will do, bf16 first.
Kernel offered(Kernel kernel, PlanBuilder& plan) {
    auto* attention = std::get_if<AttentionKernel>(&kernel);
    if (!attention) return kernel;
    const auto formats = plan.formats(family_of(kernel));
    const Formats usual{attention->format, attention->kv};
    if (std::ranges::find(formats, usual) != formats.end()) return kernel;
    const auto other = std::ranges::find(formats, attention->kv, &Formats::second);
    if (other != formats.end()) attention->format = other->first;
    return kernel;
}

void add(const OpKind& op, double weight, PlanBuilder& plan) {
    if (auto found = kernel_of(op)) plan.add(offered(std::move(*found), plan), weight);
}

}  // namespace

std::optional<Kernel> kernel_of(const OpKind& op) {
    using Found = std::optional<Kernel>;
    return match(
        op, [](const Gemm& g) -> Found { return GemmKernel{whole(g.m), whole(g.n), whole(g.k), g.weights}; },
        [](const ExpertFfn& f) -> Found { return kernel(f); }, [](const Attention& a) -> Found { return kernel(a); },
        [](const StateUpdate&) -> Found { return std::nullopt; },
        [](const MemoryPass& p) -> Found {
            return CopyKernel{whole(p.bytes.value / 2, 1, kMostBytes)};
        },  // read once, written once
        [](const Collective& c) -> Found {
            if (c.across_nodes || c.ranks < 2) return std::nullopt;
            return CollectiveKernel{c.kind, c.ranks, whole(c.bytes.value, 1, kMostBytes)};
        },
        [](const HostFetch&) -> Found { return std::nullopt; });
}

CalibrationPlan plan_for(const std::vector<WeightedOp>& ops, const WorkerHello& hello) {
    PlanBuilder plan(hello);
    for (const WeightedOp& weighted : ops) {
        if (!(weighted.seconds > 0)) continue;
        if (!kernel_of(weighted.op)) {
            plan.leave_out(why_none(weighted.op));
            continue;
        }
        add(weighted.op, weighted.seconds, plan);
        // The neighbours are worth less than what is asked for, but let a curve be drawn through it.
        for (const double factor : {0.5, 2.0}) add(scaled(weighted.op, factor), weighted.seconds / 4, plan);
        if (const auto* a = std::get_if<Attention>(&weighted.op)) {
            for (const double factor : {0.5, 2.0}) {
                Attention longer = *a;
                longer.context *= factor;
                add(longer, weighted.seconds / 4, plan);
            }
        }
    }
    return plan.finish({});
}

}  // namespace moeplan
