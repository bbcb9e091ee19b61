#include "core/model/layer_kinds.h"

#include <functional>

#include <fmt/format.h>

namespace moeplan {
namespace {

using Rule = std::function<LayerKind(std::int64_t)>;

std::vector<LayerKind> each_layer(const ConfigContext& c, const Rule& rule) {
    std::vector<LayerKind> kinds;
    for (std::int64_t i = 0; i < c.layers; ++i) kinds.push_back(rule(i));
    return kinds;
}

std::vector<LayerKind> from_types(ConfigContext& c, const std::vector<std::string>& types) {
    std::vector<LayerKind> kinds;
    for (const auto& type : types) {
        if (type == "full_attention" || type == "attention") {
            kinds.push_back(LayerKind::full);
        } else if (type == "sliding_attention" || type == "chunked_attention") {
            kinds.push_back(LayerKind::sliding);
        } else if (type == "linear_attention") {
            kinds.push_back(LayerKind::linear);
        } else {
            c.keys.problem("layer_types",
                           fmt::format("found '{}', expected full_attention, sliding_attention, "
                                       "chunked_attention or linear_attention",
                                       type));
            kinds.push_back(LayerKind::full);
        }
    }
    if (!has_entry_per_layer(c, "layer_types", kinds.size()))
        kinds.resize(static_cast<std::size_t>(c.layers));
    return kinds;
}

// A list of numbers, one per layer: `marked` entries are of one kind, the others of another.
std::vector<LayerKind> from_numbers(ConfigContext& c, std::string_view key, std::int64_t marked,
                                    LayerKind kind, LayerKind other) {
    const auto list = c.keys.sizes(key).value_or(std::vector<std::int64_t>{});
    if (list.empty() || !has_entry_per_layer(c, key, list.size()))
        return each_layer(c, [&](auto) { return other; });
    return each_layer(
        c, [&](std::int64_t i) { return list[static_cast<std::size_t>(i)] == marked ? kind : other; });
}

std::optional<std::int64_t> read_window(ConfigContext& c) {
    auto& keys = c.keys;
    const auto it = c.family.sizes.find("sliding_window");
    // -1 and 0 are written where no window is meant.
    auto window = keys.size_of({"sliding_window", "sliding_window_size"}, -1, std::int64_t{10'000'000'000});
    for (const auto* key : {"sliding_window", "sliding_window_size"}) keys.understood(key);
    if (!window && it != c.family.sizes.end() && !keys.has("sliding_window")) window = it->second;
    const auto chunk = keys.size("attention_chunk_size", 1, std::int64_t{10'000'000'000});
    if (c.family.window == WindowRule::chunked) window = chunk;
    if (window && *window <= 0) window.reset();
    return window;
}

std::vector<LayerKind> from_habit(ConfigContext& c, bool window) {
    auto& keys = c.keys;
    const bool use = keys.flag("use_sliding_window").value_or(false);
    const auto from = keys.size("max_window_layers", 0);
    const auto list = keys.sizes("no_rope_layers").value_or(std::vector<std::int64_t>{});
    return each_layer(c, [&](std::int64_t i) {
        if (!window) return LayerKind::full;
        bool sliding = false;
        switch (c.family.window) {
            case WindowRule::every: sliding = true; break;
            case WindowRule::none: break;
            case WindowRule::even: sliding = i % 2 == 0; break;
            case WindowRule::switched: sliding = use && i >= from.value_or(28); break;
            case WindowRule::chunked:
                sliding = list.size() > static_cast<std::size_t>(i) ? list[static_cast<std::size_t>(i)] != 0
                                                                    : (i + 1) % 4 != 0;
                break;
        }
        return sliding ? LayerKind::sliding : LayerKind::full;
    });
}

}  // namespace

bool has_entry_per_layer(ConfigContext& c, std::string_view key, std::size_t entries) {
    if (entries == static_cast<std::size_t>(c.layers)) return true;
    if (c.layers > 0) {
        c.keys.problem(
            key, fmt::format("has {} entries, expected one for each of the {} layers", entries, c.layers));
    }
    return false;
}

LayerKinds read_layer_kinds(ConfigContext& c) {
    auto& keys = c.keys;
    LayerKinds out;
    out.window = read_window(c);
    const auto interval = keys.size("full_attention_interval");
    const auto pattern =
        keys.is_list("sliding_window_pattern") ? std::nullopt : keys.size("sliding_window_pattern");
    const auto it = c.family.sizes.find("sliding_window_pattern");
    const auto every = pattern                      ? pattern
                       : it == c.family.sizes.end() ? std::nullopt
                                                    : std::optional(it->second);
    const auto period = keys.size("attn_layer_period");
    const auto offset = keys.size("attn_layer_offset", 0).value_or(0);
    if (const auto types = keys.texts("layer_types"); types && !types->empty()) {
        out.layers = from_types(c, *types);
    } else if (keys.has("attn_type_list")) {
        out.layers = from_numbers(c, "attn_type_list", 0, LayerKind::linear, LayerKind::full);
    } else if (keys.has("hybrid_layer_pattern")) {
        out.layers = from_numbers(c, "hybrid_layer_pattern", 1, LayerKind::sliding, LayerKind::full);
    } else if (period) {
        out.layers = each_layer(
            c, [&](auto i) { return i % *period == offset ? LayerKind::full : LayerKind::linear; });
    } else if (keys.has("linear_num_value_heads")) {
        const auto n = interval.value_or(4);  // Qwen3NextConfig's default
        out.layers =
            each_layer(c, [&](auto i) { return (i + 1) % n == 0 ? LayerKind::full : LayerKind::linear; });
    } else if (every && out.window) {
        out.layers = each_layer(
            c, [&](auto i) { return (i + 1) % *every == 0 ? LayerKind::full : LayerKind::sliding; });
    } else {
        out.layers = from_habit(c, out.window.has_value());
    }
    // Said once by a list, the older keys change nothing more.
    for (const auto* key : {"use_sliding_window", "max_window_layers", "no_rope_layers",
                            "no_rope_layer_interval", "attn_layer_indices"}) {
        keys.understood(key);
    }
    return out;
}

}  // namespace moeplan
