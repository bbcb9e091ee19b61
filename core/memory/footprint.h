#pragma once
// Bytes on the fullest GPU of a replica, by class, and how many sequences fit beside the weights.
// Formulas and sources: docs/method.md, "Memory".

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/hardware/device_spec.h"
#include "core/hardware/engine_spec.h"
#include "core/model/model_spec.h"
#include "core/model/precision.h"
#include "core/parallel/layout.h"

namespace moeplan {

struct FootprintInput {
    const ModelSpec* model = nullptr;
    Precision precision;
    Layout layout;
    const DeviceSpec* device = nullptr;
    const EngineSpec* engine = nullptr;
    double context_tokens = 0;          // tokens a sequence holds at its longest (isl + osl)
    double mean_context_tokens = 0;     // over its life, where blocks are taken on demand (isl + osl/2)
    double step_tokens = 0;             // most tokens of one step: sizes the activations
    double redundant_experts = 0;       // EPLB slots over all ranks of a layer
    double experts_on_host = 0;         // fraction of routed experts kept in host memory
    std::optional<double> kv_blocks;    // a measured block count, given instead of what is left
};

struct Footprint {
    // On the fullest GPU.
    Bytes weights;          // the sum of the next five
    Bytes attention, dense_ffn, experts, embeddings, other;
    Bytes activations;
    Bytes engine;           // reserved + communicator
    Bytes usable;           // device memory x the engine's fraction
    Bytes kv_left;          // what is left beside weights, activations and engine; negative when they do not fit
    Bytes kv_available;     // the same, or the blocks given where the weights fit
    Bytes kv_per_token;     // on this GPU, windows not yet full
    Bytes kv_per_sequence;  // at context_tokens, windows cut, whole blocks, linear states included
    Bytes on_host;          // weights in host memory, per GPU
    double max_sequences = 0;  // per replica (all dp groups) at their longest; 0 = does not fit
    double running_sequences = 0;  // that run together when their ages are mixed; more than max_sequences if on demand
    bool fits() const { return max_sequences >= 1; }
    // How much more or less memory one GPU would need for one sequence (negative = missing).
    Bytes headroom() const { return kv_available - kv_per_sequence; }
};

Footprint footprint(const FootprintInput& input);

// Weights of the fullest rank only; used by planners that prune before anything else.
Bytes weight_bytes_per_gpu(const ModelSpec& model, const Precision& precision, const Layout& layout);

}  // namespace moeplan
