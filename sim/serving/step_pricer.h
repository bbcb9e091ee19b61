#pragma once
// The time of any step of one candidate, as fast as a simulation asks.
//
// Steps without prompts are priced op by op: what sees only the number of sequences once for each, what sees their context
// at each point asked. Steps with prompts come in endless variety: the first kinds are priced op by op and
// remembered, later ones come from a table (core/analyse/step_table.h), which is built only then.

#include <array>
#include <memory>
#include <optional>
#include <unordered_map>

#include "core/analyse/step_table.h"
#include "core/analyse/step_timer.h"

namespace moeplan {

class StepPricer {
public:
    // What the context and the place point to outlives it, as does the source.
    StepPricer(const LoweringContext& context, const Place& place, const CostSource& source, const StepRange& range);
    StepPricer(const StepPricer&) = delete;
    StepPricer& operator=(const StepPricer&) = delete;

    // Seconds. After an error of the cost source: one second, and problems() says which.
    Estimate price(const StepShape& step);
    const Problems& problems() const { return problems_; }

private:
    using Sizes = std::array<double, 5>;
    struct Hash {
        std::size_t operator()(const Sizes& sizes) const;
    };

    Estimate decode(const StepShape& step);
    Estimate with_prompts(const StepShape& step);
    Estimate checked(const Result<Cost>& cost);

    StepTimer timer_;
    StepRange range_;
    std::unordered_map<double, Estimate> by_sequences_;
    std::unordered_map<Sizes, Estimate, Hash> known_;
    std::optional<StepTable> table_;
    Problems problems_;
};

}  // namespace moeplan
