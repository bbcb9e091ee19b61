#include "core/analyse/aiconfigurator_launch.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace moeplan {
namespace {

// Models whose generation_config.json asks for the top k or top p, which vLLM then gives to requests that do not say (its client here says
// nothing of temperatures): Qwen3 top_k 20, top_p 0.95; Llama 3 top_p 0.9; DeepSeek-V3 and R1 top_p 0.95; MiniMax-M2 top_k 40, top_p 0.95.
bool filters_unless_told(std::string_view model) {
    constexpr std::array<std::string_view, 7> kFilter{"Qwen3", "Llama-3", "DeepSeek-V3", "DeepSeek-R1", "MiniMax-M2", "Qwen2.5", "QwQ"};
    return std::ranges::any_of(kFilter, [&](std::string_view name) { return model.find(name) != std::string_view::npos; });
}

}  // namespace

void set_as_generated(MeasuredServing& row, double input, double users) {
    if (row.inference_x || (row.engine != "trtllm" && row.engine != "vllm")) return;
    constexpr double kBatch = 128, kBeside = 1500;
    if (row.engine == "trtllm") row.whole_prompts = row.async_scheduling = true;
    if (row.engine == "vllm" && filters_unless_told(row.model)) row.sampling = Sampling::filtered;
    row.token_budget = static_cast<std::int64_t>(std::max(kBatch, users) + input + kBeside);
}

}  // namespace moeplan
