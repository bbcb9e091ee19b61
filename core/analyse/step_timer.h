#pragma once
// Time of engine steps of one prepared candidate: lower, price every op, add the engine's host time.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/cost/cost_source.h"
#include "core/ops/lower.h"

namespace moeplan {

struct PartCost {
    Part part{};
    Cost cost;
};

// Not thread-safe (it reuses a buffer): one per thread.
class StepTimer {
public:
    // `source` and everything the context and place point to outlive the timer.
    StepTimer(const LoweringContext& context, const Place& place, const CostSource& source);

    // One step of one replica, engine host time included.
    // Errors: the cost source has no data for an op.
    Result<Cost> price(const StepShape& step);

    // The same step by part, largest first; the parts add up to price(), whose interval also holds what whole steps are off by.
    Result<std::vector<PartCost>> breakdown(const StepShape& step);

    // The ops of one kind only, host time left out; nothing for a step of no tokens.
    enum class Ops : std::uint8_t {
        by_tokens,    // that see the step's tokens: products, experts, passes, collectives
        by_context,   // that see each sequence's context: attention, recurrent state, keys expanded out of a latent
    };
    Result<Cost> price_only(const StepShape& step, Ops ops);

    // What the engine adds to a step whose kernels take `kernels` seconds and does not hide behind the GPU: scheduling,
    // sampling, and launches that take longer than the kernels do.
    Cost host_time(const StepShape& step, const Estimate& kernels) const;

    // The whole step: kernels and host, with the engine's error of whole steps.
    Estimate whole(const StepShape& step, const Estimate& kernels) const;

private:
    // A step priced op by op.
    struct Priced {
        StepShape step;
        Cost total;
        std::vector<PartCost> ops;   // host time first
    };
    Result<const Priced*> priced(const StepShape& step);
    Estimate with_host(const StepShape& step, const Estimate& kernels) const;

    LoweringContext context_;
    Place place_;
    const CostSource* source_;
    std::vector<Op> ops_;
    // The last steps asked for: latencies, prices and breakdowns of one point ask for the same few.
    std::vector<Priced> last_;
    std::size_t oldest_ = 0;
};

}  // namespace moeplan
