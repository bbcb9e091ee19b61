#include "core/analyse/aiconfigurator_launch.h"

#include <algorithm>

namespace moeplan {

void set_as_generated(MeasuredServing& row, double input, double users) {
    if (row.inference_x || (row.engine != "trtllm" && row.engine != "vllm")) return;
    constexpr double kBatch = 128, kBeside = 1500;
    if (row.engine == "trtllm") row.whole_prompts = row.async_scheduling = true;
    row.token_budget = static_cast<std::int64_t>(std::max(kBatch, users) + input + kBeside);
}

}  // namespace moeplan
