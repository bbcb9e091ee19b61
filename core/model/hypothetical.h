#pragma once
// Models nobody has built: "64 experts, top-2, 128 B total, 16 B active" or "a dense 70 B". What is given
// wins; what is not is solved so that the counts agree.

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/model/model_spec.h"

namespace moeplan {

struct HypotheticalModel {
    std::string name = "hypothetical";
    std::optional<double> total_b;     // billions of parameters
    std::optional<double> active_b;    // with both embeddings (ParameterCount::active_all)
    std::optional<std::int64_t> experts, top_k;          // both or neither
    std::optional<std::int64_t> hidden, layers;
    std::optional<std::int64_t> heads, kv_heads, head_dim;
    std::optional<std::int64_t> width;                   // of the dense FFN, or of one routed expert
    std::optional<std::int64_t> shared_width;            // all shared experts together
    std::optional<std::int64_t> parallel_width;          // dense FFN beside the experts (Arctic)
    std::optional<std::int64_t> vocab;
    std::optional<std::int64_t> window;
    bool gated = true;
    bool tied_embeddings = false;
};

// How what is left open is chosen (each choice is in ModelSpec::notes):
// - hidden and layers: interpolated over the size one token passes through, on log axes, between public dense
//   models: Qwen3 0.6B, 1.7B, 4B, 8B, 14B, 32B, Llama 3 70B and Llama 3.1 405B (their config.json files);
// - heads of 128, eight key-value heads, the vocabulary of Llama 3 (128,256);
// - the expert (or dense) width so that the total agrees, and, with total and active both given, one shared
//   expert for what attention, embeddings and routed experts leave of the active size. Where even that is too
//   much, hidden (or layers) shrinks. Solved widths are rounded, by under half a percent, so that they split.
// Errors: nothing to size it by; experts without top_k; top_k above experts; active above total; sizes that
// contradict the counts by more than 1 %; experts that leave nothing for attention; numbers out of range.
Result<ModelSpec> make_hypothetical(const HypotheticalModel& wish);

}  // namespace moeplan
