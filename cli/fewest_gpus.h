#pragma once
// How many GPUs of a kind hold a model at all.

#include <cstdint>
#include <optional>

#include "core/hardware/device_spec.h"
#include "core/hardware/engine_spec.h"
#include "core/model/model_spec.h"
#include "core/model/precision.h"

namespace moeplan::cli {

constexpr std::int64_t kMostGpusTried = 256;

// The smallest power of two whose default layout holds the weights and `sequences` sequences of `context`
// tokens; nothing when kMostGpusTried do not.
std::optional<std::int64_t> fewest_gpus(const ModelSpec& model, const Precision& precision,
                                        const DeviceSpec& device, const EngineSpec& engine, double context,
                                        double sequences = 1);

}  // namespace moeplan::cli
