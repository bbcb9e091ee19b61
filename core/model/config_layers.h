#pragma once
// A config read layer by layer, before equal layers are put together.

#include <cstdint>
#include <optional>
#include <vector>

#include "core/model/config_family.h"
#include "core/model/model_spec.h"
#include "core/model/read_config.h"

namespace moeplan {

// What every reader of a part of a config needs. hidden and layers are 0 when they could not be read;
// readers go on so that their own problems are found too.
struct ConfigContext {
    ConfigReader& keys;
    const Family& family;
    std::int64_t hidden = 0;
    std::int64_t layers = 0;
};

struct LayerPlan {
    Mixer mixer;
    std::optional<SoftmaxAttention> cross;
    FeedForward ffn;
    double norm_parameters = 0;
};

// Equal layers become one group, in order of first appearance.
std::vector<LayerGroup> group_layers(const std::vector<LayerPlan>& layers);

// Softmax and latent attention and linear states, one per layer.
std::vector<Mixer> read_mixers(ConfigContext& context);
SoftmaxAttention read_softmax_attention(ConfigContext& context);

// Recurrent mixers.
LinearState read_gated_delta_net(ConfigContext& context);
LinearState read_mamba1(ConfigContext& context);
LinearState read_mamba2(ConfigContext& context);
LinearState read_lightning(ConfigContext& context);

// Dense and MoE feed-forwards, one per layer.
std::vector<FeedForward> read_feed_forwards(ConfigContext& context);
// The expert part alone; empty when the config has no experts.
std::optional<MoeFfn> read_moe(ConfigContext& context);
DenseFfn read_dense(ConfigContext& context);

// Whole layers of families whose layers are not "attention, then feed-forward".
std::vector<LayerPlan> read_pattern_layers(ConfigContext& context);  // Nemotron-H: one mixer or ffn a layer
std::vector<LayerPlan> read_block_layers(ConfigContext& context);    // Nemotron-NAS: block_configs

// Extra parameters of a Gemma 4 style layer: three norms, router scales, a layer scalar.
double extra_norm_parameters(const ConfigContext& context, const FeedForward& ffn);

}  // namespace moeplan
