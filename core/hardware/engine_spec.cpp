#include "core/hardware/engine_spec.h"

#include <algorithm>

namespace moeplan {

std::int64_t captured_tokens(const EngineSpec& engine) { return std::min(engine.graph_tokens, 2 * engine.max_sequences); }

bool can_batch_wait(const EngineSpec& engine) { return engine.id == "tensorrt_llm"; }

EngineSpec of_version(EngineSpec engine, const EngineVersion& version) {
    for (const VersionDefaults& then : engine.versions) {
        if (version >= then.before) continue;
        if (then.memory_fraction) engine.memory_fraction = *then.memory_fraction;
        if (then.async_scheduling) engine.async_scheduling = *then.async_scheduling;
        if (then.filtering) engine.filtering = then.filtering;
    }
    return engine;
}

const DeviceDefaults* defaults_on(const EngineSpec& engine, const DeviceSpec& device) {
    const auto falls_under = [&](const DeviceDefaults& d) {
        return device.usable() < d.below || std::ranges::any_of(d.also, [&](const std::string& part) { return device.id.find(part) != std::string::npos; });
    };
    const auto at = std::ranges::find_if(engine.on_devices, falls_under);
    return at == engine.on_devices.end() ? nullptr : &*at;
}

EngineSpec on_device(EngineSpec engine, const DeviceSpec& device) {
    const DeviceDefaults* here = defaults_on(engine, device);
    if (!here) return engine;
    if (here->max_sequences) engine.max_sequences = *here->max_sequences;
    if (here->token_budget) engine.token_budget = *here->token_budget;
    if (here->prefill_overhead_s) engine.prefill_overhead_s = *here->prefill_overhead_s;
    return engine;
}

}  // namespace moeplan
