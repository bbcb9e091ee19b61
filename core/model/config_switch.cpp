#include "core/model/config_switch.h"

#include <algorithm>

namespace moeplan {
namespace {

struct SwitchSizes {
    std::int64_t hidden = 0;
    SoftmaxAttention attention;
    DenseFfn dense;
    MoeFfn moe;
};

// Layer i is sparse when i % step is 1, or always when the step is 1.
std::vector<LayerPlan> stack(const SwitchSizes& s, std::int64_t layers, std::int64_t sparse, bool decoder) {
    const std::int64_t step = sparse > 0 ? std::max<std::int64_t>(1, layers / sparse) : 0;
    std::vector<LayerPlan> plans;
    for (std::int64_t i = 0; i < layers; ++i) {
        LayerPlan plan;
        plan.mixer = s.attention;
        if (decoder) plan.cross = s.attention;
        const bool is_sparse = step == 1 || (step > 1 && i % step == 1);
        plan.ffn = is_sparse ? FeedForward(s.moe) : FeedForward(s.dense);
        plan.norm_parameters = (decoder ? 3.0 : 2.0) * static_cast<double>(s.hidden);
        plans.push_back(plan);
    }
    return plans;
}

}  // namespace

void read_switch(ConfigReader& keys, const Family&, ModelSpec& model) {
    SwitchSizes s;
    s.hidden = keys.required({"d_model"});
    s.attention.heads = s.attention.kv_heads = keys.required({"num_heads"});
    s.attention.qk_dim = s.attention.v_dim = keys.required({"d_kv"});
    s.dense.width = keys.required({"d_ff"});
    s.dense.gated = keys.text("feed_forward_proj").value_or("relu").starts_with("gated");
    s.moe.experts = keys.size("num_experts").value_or(8);
    s.moe.top_k =
        keys.size_of({"num_selected_experts", "expert_top_k"}).value_or(1);  // switch routing is top-1
    s.moe.width = s.dense.width;
    s.moe.gated = s.dense.gated;
    s.moe.router_bias = keys.flag("router_bias").value_or(false);
    const auto layers = keys.required({"num_layers"}, kMostLayers);
    const auto decoder_layers = keys.size("num_decoder_layers", 1, kMostLayers).value_or(layers);
    const auto sparse = keys.size("num_sparse_encoder_layers", 0).value_or(3);
    const auto sparse_decoder = keys.size("num_sparse_decoder_layers", 0).value_or(3);
    const auto buckets = keys.size("relative_attention_num_buckets").value_or(32);
    for (const auto* key :
         {"relative_attention_max_distance", "expert_capacity", "is_gated_act", "dense_act_fn",
          "encoder_sparse_step", "decoder_sparse_step", "router_ignore_padding_tokens"}) {
        keys.understood(key);
    }
    model.hidden = s.hidden;
    model.encoder = group_layers(stack(s, layers, sparse, false));
    model.layers = group_layers(stack(s, decoder_layers, sparse_decoder, true));
    // Relative position biases of both stacks, both final norms.
    model.position_parameters = 2.0 * static_cast<double>(buckets) * static_cast<double>(s.attention.heads) +
                                2.0 * static_cast<double>(s.hidden);
}

}  // namespace moeplan
