#include "core/analyse/step_timer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/estimate_math.h"

namespace moeplan {
namespace {

bool same(const SequenceGroup& a, const SequenceGroup& b) { return a.sequences == b.sequences && a.new_tokens == b.new_tokens && a.context == b.context; }
bool same(const StepShape& a, const StepShape& b) { return same(a.prefill, b.prefill) && same(a.decode, b.decode); }

// Equal to no step.
StepShape nothing() {
    StepShape s;
    s.decode.sequences = std::numeric_limits<double>::quiet_NaN();
    return s;
}

}  // namespace

StepTimer::StepTimer(const LoweringContext& context, const Place& place, const CostSource& source)
    : context_(context), place_(place), source_(&source) {}

namespace {

// A sequence lies whole on one rank of data parallelism; many are dealt evenly.
double tokens_on_a_rank(const SequenceGroup& g, double ranks) { return std::max(g.sequences / ranks, std::min(g.sequences, 1.0)) * g.new_tokens; }

bool in_graphs(const StepShape& step, const EngineSpec& engine, double ranks) {
    return tokens_on_a_rank(step.prefill, ranks) + tokens_on_a_rank(step.decode, ranks) <= static_cast<double>(engine.graph_tokens);
}

// Either the GPU is busy or the host is not done launching: the sixth norm, as for single products (docs/calibration.md, "Priors
// and features").
double side_by_side(double gpu, double host) {
    const double longer = std::max(gpu, host);
    if (longer <= 0) return 0;
    const auto sixth = [longer](double t) {
        const double share = t / longer;
        return share * share * share * share * share * share;
    };
    return longer * std::cbrt(std::sqrt(sixth(gpu) + sixth(host)));
}

}  // namespace

// In order of low, value and high, and without the error of whole steps.
Estimate StepTimer::with_host(const StepShape& step, const Estimate& kernels) const {
    const EngineSpec& engine = *place_.engine;
    const auto ranks = static_cast<double>(context_.layout.dp);
    const double sequences = (step.prefill.sequences + step.decode.sequences) / ranks;
    const Estimate host = engine.step_overhead_s + engine.sequence_overhead_s * sequences;
    if (step.prefill.tokens() <= 0 || in_graphs(step, engine, ranks)) return kernels + host;
    const Estimate launches = engine.prefill_layer_s * static_cast<double>(context_.model->layer_count());
    const Estimate both{side_by_side(kernels.value, launches.value), side_by_side(kernels.low, launches.low), side_by_side(kernels.high, launches.high)};
    return both + host + engine.prefill_overhead_s;
}

Cost StepTimer::host_time(const StepShape& step, const Estimate& kernels) const {
    const Estimate all = with_host(step, kernels);
    Cost cost;
    cost.time = {all.value - kernels.value};
    // Faster kernels leave more of the launches to wait for.
    cost.low = {std::min(all.low - kernels.low, cost.time.value)};
    cost.high = {std::max(all.high - kernels.high, cost.time.value)};
    cost.bound = Bound::host;
    return cost;
}

Estimate StepTimer::whole(const StepShape& step, const Estimate& kernels) const {
    return with_error(with_host(step, kernels), place_.engine->step_error);
}

Result<const StepTimer::Priced*> StepTimer::priced(const StepShape& step) {
    constexpr std::size_t kKept = 8;
    for (const Priced& known : last_) {
        if (same(known.step, step)) return &known;
    }
    if (last_.size() < kKept) last_.emplace_back();
    Priced& fresh = last_.size() < kKept ? last_.back() : last_[oldest_++ % kKept];
    fresh.step = nothing();   // of no step should an op have no price
    fresh.ops.clear();
    lower(context_, step, ops_);
    fresh.total = Cost{};
    double longest = 0;
    for (const Op& op : ops_) {
        auto one = source_->price(op, place_);
        if (!one) return tl::unexpected(one.error());
        const Cost all = times(*one, op.repeat);
        // The bound reported is the longest single op's, not the last pair's.
        const Bound bound = all.time.value > longest ? all.bound : fresh.total.bound;
        longest = std::max(longest, all.time.value);
        fresh.total = then(fresh.total, all);
        fresh.total.bound = bound;
        fresh.ops.push_back({op.part, all});
    }
    const Estimate kernels = to_estimate(fresh.total);
    const Cost host = host_time(step, kernels);
    fresh.ops.insert(fresh.ops.begin(), {Part::host, host});
    if (host.time.value > longest) fresh.total.bound = host.bound;
    const Estimate sum = whole(step, kernels);
    fresh.total.time = {sum.value};
    fresh.total.low = {sum.low};
    fresh.total.high = {sum.high};
    fresh.step = step;
    return &fresh;
}

Result<Cost> StepTimer::price(const StepShape& step) {
    const auto all = priced(step);
    if (!all) return tl::unexpected(all.error());
    return (*all)->total;
}

Result<Cost> StepTimer::price_only(const StepShape& step, Ops ops) {
    Cost total;
    if (step.tokens() <= 0) return total;
    lower(context_, step, ops_);
    for (const Op& op : ops_) {
        if (sees_context(op) != (ops == Ops::by_context)) continue;
        auto one = source_->price(op, place_);
        if (!one) return one;
        total = then(total, times(*one, op.repeat));
    }
    return total;
}

Result<std::vector<PartCost>> StepTimer::breakdown(const StepShape& step) {
    const auto all = priced(step);
    if (!all) return tl::unexpected(all.error());
    std::vector<PartCost> parts;
    for (const PartCost& op : (*all)->ops) {
        const auto at = std::ranges::find(parts, op.part, &PartCost::part);
        if (at == parts.end()) parts.push_back(op);
        else at->cost = then(at->cost, op.cost);
    }
    std::ranges::stable_sort(parts, [](const PartCost& a, const PartCost& b) { return a.cost.time > b.cost.time; });
    return parts;
}

}  // namespace moeplan
