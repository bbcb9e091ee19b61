#pragma once
// Which layers attend to everything, which to a window, which keep a linear state.

#include <cstdint>
#include <optional>
#include <vector>

#include "core/model/config_layers.h"

namespace moeplan {

enum class LayerKind : std::uint8_t { full, sliding, linear };

struct LayerKinds {
    std::vector<LayerKind> layers;       // one per layer
    std::optional<std::int64_t> window;  // of the sliding ones
};

// From layer_types, or the family's older keys (sliding_window_pattern, full_attention_interval,
// attn_type_list, attn_layer_period, hybrid_layer_pattern, no_rope_layers, max_window_layers), or its habit.
LayerKinds read_layer_kinds(ConfigContext& context);

// A list that must have one entry per layer; a problem otherwise.
bool has_entry_per_layer(ConfigContext& context, std::string_view key, std::size_t entries);

}  // namespace moeplan
