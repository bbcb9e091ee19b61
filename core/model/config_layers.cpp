#include "core/model/config_layers.h"

namespace moeplan {

std::vector<LayerGroup> group_layers(const std::vector<LayerPlan>& layers) {
    std::vector<LayerGroup> groups;
    for (const auto& layer : layers) {
        LayerGroup group{1, layer.mixer, layer.cross, layer.ffn, layer.norm_parameters};
        bool found = false;
        for (auto& have : groups) {
            group.count = have.count;
            if (!(have == group)) continue;
            ++have.count;
            found = true;
            break;
        }
        if (found) continue;
        group.count = 1;
        groups.push_back(group);
    }
    return groups;
}

double extra_norm_parameters(const ConfigContext& context, const FeedForward& ffn) {
    const auto* moe = std::get_if<MoeFfn>(&ffn);
    if (!context.family.name.starts_with("gemma4")) return 0;
    // layer_scalar; with experts three more norms, the router's scale and per_expert_scale.
    // Source: huggingface/transformers modeling_gemma4.py, Gemma4TextDecoderLayer and Gemma4TextRouter.
    return moe ? 1 + 4 * static_cast<double>(context.hidden) + static_cast<double>(moe->experts) : 1;
}

}  // namespace moeplan
