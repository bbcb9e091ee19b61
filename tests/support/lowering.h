#pragma once
// Lowering with a uniform routing table, and sums over what comes out.

#include <memory>
#include <vector>

#include "core/ops/lower.h"
#include "tests/support/models.h"

namespace moeplan {

struct Lowered {
    LoweringContext context;
    std::shared_ptr<const ExpertLoadTable> load;

    explicit Lowered(const ModelSpec& model, Layout layout = {}) {
        context.model = &model;
        context.layout = layout;
        const MoeFfn* moe = model.moe();
        if (!moe) return;
        const auto profile = resolve_routing(UniformRouting{}, moe->experts, moe->top_k, 1, 1);
        load = std::make_shared<ExpertLoadTable>(build_expert_load_table(*profile, layout.ep, {}, 1));
        context.expert_load = load.get();
    }

    std::vector<Op> ops(const StepShape& step) const {
        std::vector<Op> all;
        lower(context, step, all);
        return all;
    }
};

inline StepShape decode_step(double sequences, double context) { return {{}, {sequences, 1, context}}; }
inline StepShape prefill_step(double sequences, double tokens, double context = 0) { return {{sequences, tokens, context}, {}}; }

template <class Kind>
std::vector<Kind> of_kind(const std::vector<Op>& ops, Part part) {
    std::vector<Kind> found;
    for (const Op& op : ops) {
        if (const auto* kind = std::get_if<Kind>(&op.kind); kind && op.part == part) found.push_back(*kind);
    }
    return found;
}

inline Work total_work(const std::vector<Op>& ops) {
    Work sum;
    for (const Op& op : ops) {
        const Work one = work_of(op.kind);
        sum.flops += one.flops * op.repeat;
        sum.bytes += one.bytes * op.repeat;
    }
    return sum;
}

}  // namespace moeplan
