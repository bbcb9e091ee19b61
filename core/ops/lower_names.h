#pragma once
// The same ops with what each is called, for people: lists and the roofline picture. An Op itself knows sizes only.
// Which ops a layer becomes: docs/method.md, "Ops of a layer".

#include <string_view>
#include <vector>

#include "core/ops/lower.h"

namespace moeplan {

struct NamedOp {
    std::string_view name;   // "attention output projection"; the same in all layers; lives as long as the program
    Op op;
};

// What lower() makes of the step, in its order.
std::vector<NamedOp> lower_named(const LoweringContext& context, const StepShape& step);

}  // namespace moeplan
