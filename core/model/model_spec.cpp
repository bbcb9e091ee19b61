#include "core/model/model_spec.h"

namespace moeplan {

std::int64_t ModelSpec::layer_count() const {
    std::int64_t n = 0;
    for (const auto& g : layers) n += g.count;
    for (const auto& g : encoder) n += g.count;
    return n;
}

const MoeFfn* ModelSpec::moe() const {
    for (const auto* stack : {&layers, &encoder}) {
        for (const auto& g : *stack) {
            if (const auto* m = std::get_if<MoeFfn>(&g.ffn)) return m;
        }
    }
    return nullptr;
}

bool ModelSpec::is_moe() const { return moe() != nullptr; }

std::int64_t ModelSpec::moe_layer_count() const {
    std::int64_t n = 0;
    for (const auto* stack : {&layers, &encoder}) {
        for (const auto& g : *stack) {
            if (std::holds_alternative<MoeFfn>(g.ffn)) n += g.count;
        }
    }
    return n;
}

}  // namespace moeplan
