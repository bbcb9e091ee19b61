#include "sim/serving/step_pricer.h"

#include <functional>

namespace moeplan {
namespace {

constexpr std::size_t kPricedOpByOp = 160;   // kinds of steps with prompts

}  // namespace

std::size_t StepPricer::Hash::operator()(const Sizes& sizes) const {
    std::size_t h = 0;
    for (const double s : sizes) h = h * 1'000'003 + std::hash<double>{}(s);
    return h;
}

StepPricer::StepPricer(const LoweringContext& context, const Place& place, const CostSource& source, const StepRange& range)
    : timer_(context, place, source), range_(range) {}

Estimate StepPricer::checked(const Result<Cost>& cost) {
    if (cost) return to_estimate(*cost);
    if (problems_.empty()) problems_ = cost.error();
    return Estimate::exact(1);
}

Estimate StepPricer::price(const StepShape& step) { return step.prefill.tokens() > 0 ? with_prompts(step) : decode(step); }

Estimate StepPricer::decode(const StepShape& step) {
    auto found = by_sequences_.find(step.decode.sequences);
    if (found == by_sequences_.end()) {
        found = by_sequences_.emplace(step.decode.sequences, checked(timer_.price_only(step, StepTimer::Ops::by_tokens))).first;
    }
    return timer_.whole(step, found->second + checked(timer_.price_only(step, StepTimer::Ops::by_context)));
}

Estimate StepPricer::with_prompts(const StepShape& step) {
    if (table_) return table_->at(step);
    const Sizes sizes{step.prefill.sequences, step.prefill.new_tokens, step.prefill.context, step.decode.sequences, step.decode.context};
    if (const auto found = known_.find(sizes); found != known_.end()) return found->second;
    if (known_.size() < kPricedOpByOp) return known_[sizes] = checked(timer_.price(step));
    auto table = StepTable::build(timer_, range_);
    if (!table) {
        if (problems_.empty()) problems_ = table.error();
        return Estimate::exact(1);
    }
    table_ = std::move(*table);
    return table_->at(step);
}

}  // namespace moeplan
