#include "cli/fewest_gpus.h"

#include <algorithm>

#include "core/analyse/prepare.h"
#include "core/memory/footprint.h"

namespace moeplan::cli {

std::optional<std::int64_t> fewest_gpus(const ModelSpec& model, const Precision& precision,
                                        const DeviceSpec& device, const EngineSpec& started, double context,
                                        double sequences) {
    // As prepare() has it: a server of 8, or the scale-up domain where that is larger.
    const std::int64_t node = std::max<std::int64_t>(8, device.link_domain);
    const EngineSpec engine = on_device(started, device);
    FootprintInput input;
    input.model = &model;
    input.precision = precision;
    input.device = &device;
    input.engine = &engine;
    input.context_tokens = context;
    input.step_tokens = static_cast<double>(engine.token_budget);
    for (std::int64_t gpus = 1; gpus <= kMostGpusTried; gpus *= 2) {
        const auto layout = default_layout(model, gpus, node);
        if (!layout || layout->gpus() != gpus) continue;
        input.layout = *layout;
        if (footprint(input).max_sequences >= sequences) return gpus;
    }
    return std::nullopt;
}

}  // namespace moeplan::cli
