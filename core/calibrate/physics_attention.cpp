#include "core/calibrate/physics_attention.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace moeplan {

AttentionSizes sizes_of(const Attention& a) {
    AttentionSizes s;
    s.batch = std::max(a.sequences, 1e-3);
    s.queries = std::max(a.new_tokens, 1.0);
    s.length = a.context + s.queries;
    s.reach = s.length;
    if (a.window && *a.window > 0) {
        s.windowed = true;
        s.window = *a.window;
        s.reach = std::min(s.reach, s.window);
    }
    if (a.selected) s.reach = std::min(s.reach, std::max(*a.selected, 1.0));
    s.heads = std::max(a.heads, 1.0);
    s.kv_heads = std::max(a.kv_heads, 1.0);
    s.group = s.heads / s.kv_heads;
    s.head = a.shared_key_value ? a.qk_dim / 2 : (a.qk_dim + a.v_dim) / 2;
    s.key_bytes = bits_per_weight(a.kv) / 8;
    s.query_bytes = bits_per_weight(a.format) / 8;
    s.odd_head = std::exp2(std::round(std::log2(a.qk_dim))) != a.qk_dim;
    s.large_head = a.qk_dim > 256;
    return s;
}

double cached_bytes(const AttentionSizes& s, double keys) { return 2 * s.batch * s.kv_heads * keys * s.head * s.key_bytes; }

std::string attention_shape(const OpKind& op) {
    const auto& a = std::get<Attention>(op);
    return fmt::format("{} heads, {} kv, {}{}", a.heads, a.kv_heads, a.qk_dim, a.window ? fmt::format(", window {}", *a.window) : "");
}

double idle(double waves) { return std::log(std::ceil(waves) / waves); }

}  // namespace moeplan
