// Families whose layers are not "attention, then feed-forward": Nemotron-H (one mixer or one feed-forward
// a layer) and Nemotron-NAS (every block searched on its own).

#include <cmath>

#include <fmt/format.h>

#include "core/model/config_layers.h"
#include "core/model/layer_kinds.h"

namespace moeplan {
namespace {

// One letter a layer; Nemotron-3-Ultra writes the same as a list of words.
std::string read_pattern(ConfigContext& c) {
    auto& keys = c.keys;
    if (const auto pattern = keys.text("hybrid_override_pattern")) {
        keys.understood("layers_block_type");
        return *pattern;
    }
    std::string pattern;
    for (const auto& word : keys.texts("layers_block_type").value_or(std::vector<std::string>{})) {
        const char letter = word == "mamba"       ? 'M'
                            : word == "attention" ? '*'
                            : word == "moe"       ? 'E'
                            : word == "mlp"       ? '-'
                                                  : '?';
        if (letter == '?') {
            keys.problem("layers_block_type",
                         fmt::format("found '{}', expected mamba, attention, moe or mlp", word));
        }
        pattern += letter;
    }
    return pattern;
}

// Source: nvidia/Llama-3_3-Nemotron-Super-49B-v1 modeling_decilm.py, _ffn_mult_to_intermediate_size.
std::int64_t width_of_multiple(double multiple, std::int64_t hidden) {
    const auto width = static_cast<std::int64_t>(2 * multiple * static_cast<double>(hidden) / 3);
    return width % 256 == 0 ? width : width + 256 - width % 256;
}

bool skipped(ConfigReader& block) { return block.flag("no_op").value_or(false); }

void refuse_linear_replacement(ConfigReader& block) {
    if (block.flag("replace_with_linear").value_or(false)) {
        block.problem("replace_with_linear",
                      "found true, expected false: a linear layer in place of this one is "
                      "not understood");
    }
}

}  // namespace

std::vector<LayerPlan> read_pattern_layers(ConfigContext& c) {
    const std::string pattern = read_pattern(c);
    if (c.layers > 0) has_entry_per_layer(c, "hybrid_override_pattern", pattern.size());
    std::optional<SoftmaxAttention> attention;
    std::optional<LinearState> mamba;
    std::optional<DenseFfn> dense;
    std::optional<MoeFfn> moe;
    std::vector<LayerPlan> plans;
    for (const char letter : pattern) {
        LayerPlan plan;
        plan.norm_parameters = static_cast<double>(c.family.norm_vectors) * static_cast<double>(c.hidden);
        if (letter == 'M') {
            if (!mamba) mamba = read_mamba2(c);
            plan.mixer = *mamba;
        } else if (letter == '*') {
            if (!attention) attention = read_softmax_attention(c);
            plan.mixer = *attention;
        } else if (letter == '-') {
            if (!dense) dense = read_dense(c);
            plan.ffn = *dense;
        } else if (letter == 'E') {
            if (!moe) moe = read_moe(c);
            if (!moe) c.keys.problem("n_routed_experts", "is missing, expected the experts of the E layers");
            if (moe) plan.ffn = *moe;
        } else {
            c.keys.problem("hybrid_override_pattern",
                           fmt::format("found the letter '{}', expected M, *, - or E", letter));
        }
        plans.push_back(plan);
    }
    // Written for all kinds of layers, whether the pattern has them or not.
    for (const auto* key : {"intermediate_size", "mlp_bias", "attention_bias", "head_dim",
                            "attention_head_dim", "sliding_window", "moe_shared_expert_overlap",
                            "num_attention_heads", "num_key_value_heads", "mamba_num_heads", "mamba_head_dim",
                            "ssm_state_size", "n_groups", "conv_kernel", "use_conv_bias", "use_bias"}) {
        c.keys.understood(key);
    }
    return plans;
}

std::vector<LayerPlan> read_block_layers(ConfigContext& c) {
    auto blocks = c.keys.objects("block_configs");
    has_entry_per_layer(c, "block_configs", blocks.size());
    const SoftmaxAttention like = read_softmax_attention(c);
    c.keys.understood("intermediate_size");
    c.keys.understood("mlp_bias");
    std::vector<LayerPlan> plans;
    for (auto& block : blocks) {
        LayerPlan plan;
        int norms = 0;
        if (auto attention = block.object("attention"); attention && !skipped(*attention)) {
            refuse_linear_replacement(*attention);
            SoftmaxAttention own = like;
            const auto group = attention->required({"n_heads_in_group"});
            if (group > 0 && own.heads % group == 0) own.kv_heads = own.heads / group;
            own.window = attention->size("window_length");
            plan.mixer = own;
            ++norms;
        }
        if (auto ffn = block.object("ffn"); ffn && !skipped(*ffn)) {
            refuse_linear_replacement(*ffn);
            const double multiple = ffn->number("ffn_mult").value_or(0);
            if (!(multiple > 0 && multiple < 1000)) {
                ffn->problem("ffn_mult",
                             "is missing or not positive, expected a multiple of the hidden size");
            } else {
                plan.ffn = DenseFfn{width_of_multiple(multiple, c.hidden), true, false};
            }
            ++norms;
        }
        plan.norm_parameters = norms * static_cast<double>(c.hidden);
        plans.push_back(plan);
    }
    return plans;
}

}  // namespace moeplan
