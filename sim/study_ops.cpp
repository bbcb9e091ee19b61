#include "sim/study_ops.h"

#include "core/analyse/evaluate.h"
#include "core/cost/cost_source.h"
#include "core/ops/lower.h"
#include "core/scenario/files_named.h"
#include "sim/trace/summary.h"

namespace moeplan {
namespace {

Result<std::optional<TraceMeans>> means_of(const Scenario& scenario) {
    const auto* lengths = std::get_if<TraceLengths>(&scenario.workload.lengths);
    if (!lengths) return std::optional<TraceMeans>{};
    const auto summary = summarise_trace(relative_to(scenario.file, lengths->file));
    if (!summary) return tl::unexpected(summary.error());
    return std::optional(TraceMeans{summary->input.mean, summary->output.mean, lengths->file});
}

// The ops of one step, each with the step's share of the time times its own.
Problems add_step(const Prepared& candidate, const StepShape& step, double share, const CostSource& source,
                  std::vector<WeightedOp>& into) {
    if (step.tokens() <= 0 || share <= 0) return {};
    std::vector<Op> ops;
    lower(candidate.lowering(), step, ops);
    for (const Op& op : ops) {
        const auto cost = source.price(op, candidate.place());
        if (!cost) return cost.error();
        into.push_back({op.kind, share * op.repeat * cost->time.value});
    }
    return {};
}

// One prompt and one answer alone, for a candidate that does not fit: its shapes are worth measuring all the same.
StepShape alone(const RequestShape& request, bool prefill) {
    if (prefill) return {{1, request.input, 0}, {}};
    return {{}, {1, 1, request.input + request.output / 2}};
}

Problems add_candidate(const Prepared& candidate, const Workload& workload, const CostSource& source,
                       std::vector<WeightedOp>& into) {
    const auto evaluation = evaluate(candidate, operating_point(candidate, workload), source, false);
    if (!evaluation) return evaluation.error();
    if (!evaluation->fits) {
        Problems problems = add_step(candidate, alone(candidate.request, true), 1, source, into);
        append(problems, add_step(candidate, alone(candidate.request, false), candidate.request.output, source, into));
        return problems;
    }
    const ServingPoint& serving = evaluation->serving;
    Problems problems = add_step(candidate, serving.decode_step, 1 - serving.mixed_share, source, into);
    append(problems, add_step(candidate, serving.prefill_step, serving.mixed_share, source, into));
    return problems;
}

// Problems that name no place are about the study.
Problems blamed_on(const Scenario& scenario, Problems problems) {
    for (Problem& problem : problems) {
        if (problem.where.empty()) problem.where = scenario.file;
    }
    return problems;
}

}  // namespace

Result<std::vector<WeightedOp>> ops_of_study(const Scenario& scenario, const Catalog& catalog) {
    const auto means = means_of(scenario);
    if (!means) return fail(blamed_on(scenario, means.error()));
    const auto candidates = prepare(scenario, catalog, *means ? &**means : nullptr);
    if (!candidates) return fail(blamed_on(scenario, candidates.error()));
    const auto source = make_roofline();
    std::vector<WeightedOp> ops;
    Problems problems;
    for (const Prepared& candidate : *candidates) {
        std::vector<WeightedOp> own;
        append(problems, add_candidate(candidate, scenario.workload, *source, own));
        double seconds = 0;   // a slow candidate is not worth more than a fast one
        for (const WeightedOp& op : own) seconds += op.seconds;
        for (const WeightedOp& op : own) ops.push_back({op.op, op.seconds / seconds});
    }
    if (!problems.empty()) return fail(blamed_on(scenario, std::move(problems)));
    if (ops.empty()) return fail(Problem{scenario.file, {}, "has no candidates whose ops could be measured", {}});
    return ops;
}

}  // namespace moeplan
