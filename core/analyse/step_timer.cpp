#include "core/analyse/step_timer.h"

#include <algorithm>

namespace moeplan {

StepTimer::StepTimer(const LoweringContext& context, const Place& place, const CostSource& source)
    : context_(context), place_(place), source_(&source) {}

Cost StepTimer::host_time(const StepShape& step) const {
    const EngineSpec& engine = *place_.engine;
    const double sequences = (step.prefill.sequences + step.decode.sequences) / static_cast<double>(context_.layout.dp);
    Estimate host = engine.step_overhead_s + engine.sequence_overhead_s * sequences;
    if (step.prefill.tokens() > 0) {
        host = host + engine.prefill_overhead_s + engine.prefill_layer_s * static_cast<double>(context_.model->layer_count());
    }
    Cost cost;
    cost.time = {host.value};
    cost.low = {host.low};
    cost.high = {host.high};
    cost.bound = Bound::host;
    return cost;
}

Result<Cost> StepTimer::price(const StepShape& step) {
    lower(context_, step, ops_);
    Cost total = host_time(step);
    double longest = total.time.value;
    for (const Op& op : ops_) {
        auto one = source_->price(op, place_);
        if (!one) return one;
        const Cost all = times(*one, op.repeat);
        // The bound reported is the longest single op's, not the last pair's.
        const Bound bound = all.time.value > longest ? all.bound : total.bound;
        longest = std::max(longest, all.time.value);
        total = then(total, all);
        total.bound = bound;
    }
    return total;
}

Result<Cost> StepTimer::price_only(const StepShape& step, Ops ops) {
    Cost total;
    if (step.tokens() <= 0) return total;
    lower(context_, step, ops_);
    for (const Op& op : ops_) {
        const bool by_context = std::holds_alternative<Attention>(op.kind) || std::holds_alternative<StateUpdate>(op.kind);
        if (by_context != (ops == Ops::by_context)) continue;
        auto one = source_->price(op, place_);
        if (!one) return one;
        total = then(total, times(*one, op.repeat));
    }
    return total;
}

Result<std::vector<PartCost>> StepTimer::breakdown(const StepShape& step) {
    lower(context_, step, ops_);
    std::vector<PartCost> parts{{Part::host, host_time(step)}};
    for (const Op& op : ops_) {
        auto one = source_->price(op, place_);
        if (!one) return tl::unexpected(one.error());
        const Cost all = times(*one, op.repeat);
        const auto at = std::ranges::find(parts, op.part, &PartCost::part);
        if (at == parts.end()) parts.push_back({op.part, all});
        else at->cost = then(at->cost, all);
    }
    std::ranges::stable_sort(parts, [](const PartCost& a, const PartCost& b) { return a.cost.time > b.cost.time; });
    return parts;
}

}  // namespace moeplan
