// Dense and mixture-of-experts feed-forwards from their keys.

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "core/model/config_layers.h"
#include "core/model/config_neutral.h"
#include "core/model/layer_kinds.h"

namespace moeplan {
namespace {

const std::vector<std::string_view> kExpertCount = {"n_routed_experts", "num_local_experts", "num_experts",
                                                    "moe_num_experts"};
const std::vector<std::string_view> kTopK = {
    "num_experts_per_tok", "experts_per_token", "num_experts_per_token", "top_k_experts",
    "moe_top_k",           "moe_topk",          "num_selected_experts"};

std::int64_t dense_width_or_family(ConfigContext& c, const std::vector<std::string_view>& names) {
    if (const auto width = c.keys.size_of(names)) return *width;
    const auto it = c.family.sizes.find("intermediate_size");
    return it != c.family.sizes.end() ? it->second : c.keys.required(names);
}

void read_shared_experts(ConfigContext& c, MoeFfn& moe) {
    auto& keys = c.keys;
    const auto count = keys.size_of({"n_shared_experts", "num_shared_experts"}, 0);
    if (const auto width = keys.size_of({"shared_expert_intermediate_size", "shared_intermediate_size"}, 0)) {
        moe.shared_width = *width;  // all shared experts together (Qwen, Granite, MiniMax)
    } else if (const auto each = keys.size("moe_shared_expert_intermediate_size", 0)) {
        moe.shared_width = *each * count.value_or(1);  // Nemotron-3
    } else {
        moe.shared_width = count.value_or(0) * moe.width;  // DeepSeek, GLM
    }
    if (keys.has("interleave_moe_layer_step")) moe.shared_width = moe.width;  // Llama 4: one, like the others
    moe.shared_gate = c.family.shared_gate && moe.shared_width > 0;
}

void read_routing(ConfigContext& c, MoeFfn& moe) {
    auto& keys = c.keys;
    const auto method = keys.text("topk_method");
    const auto routing_bias = keys.flag("use_routing_bias");
    moe.correction_bias = method ? *method == "noaux_tc" : routing_bias.value_or(c.family.correction_bias);
    moe.groups = keys.size_of({"n_group", "num_expert_group"}).value_or(1);
    moe.top_groups = keys.size("topk_group").value_or(1);
    moe.router_bias = c.family.router_bias;
    moe.fp32_router = c.family.fp32_router;
    moe.expert_bias = c.family.expert_bias;
    if (moe.experts > 0 && moe.top_k > moe.experts) {
        keys.problem("num_experts_per_tok",
                     fmt::format("found {}, expected at most the {} experts", moe.top_k, moe.experts));
    }
    if (moe.experts > 0 && moe.experts % moe.groups != 0) {
        keys.problem("n_group",
                     fmt::format("found {}, expected a divisor of the {} experts", moe.groups, moe.experts));
    }
}

std::optional<MoeFfn> read_dbrx(ConfigContext& c, ConfigReader ffn) {
    MoeFfn moe;
    moe.experts = ffn.required({"moe_num_experts"});
    moe.top_k = ffn.required({"moe_top_k"});
    moe.width = ffn.required({"ffn_hidden_size"});
    moe.gated = true;
    refuse_unplaced_inside(ffn, c.family.known);
    read_routing(c, moe);
    return moe;
}

using IsMoe = std::function<bool(std::int64_t)>;

bool listed(const std::vector<std::int64_t>& list, std::int64_t layer) {
    return std::find(list.begin(), list.end(), layer) != list.end();
}

// Every rule a config states must hold for a layer to carry experts.
std::vector<IsMoe> read_placement(ConfigContext& c) {
    auto& keys = c.keys;
    std::vector<IsMoe> rules;
    if (const auto first = keys.size_of({"first_k_dense_replace", "num_dense_layers"}, 0)) {
        rules.push_back([n = *first](auto i) { return i >= n; });
        keys.understood(
            "decoder_sparse_step");  // Some files carry both; the code of these families reads this one.
    }
    if (keys.is_list("moe_layer_freq")) {
        if (const auto list = keys.sizes("moe_layer_freq");
            list && has_entry_per_layer(c, "moe_layer_freq", list->size())) {
            rules.push_back([list = *list](auto i) { return list[static_cast<std::size_t>(i)] != 0; });
        }
    } else if (const auto step = keys.size("moe_layer_freq")) {
        rules.push_back([n = *step](auto i) { return i % n == 0; });
    }
    if (const auto step = keys.size_of({"interleave_moe_layer_step", "moe_layer_frequency"})) {
        if (!keys.is_list("moe_layers")) rules.push_back([n = *step](auto i) { return (i + 1) % n == 0; });
    }
    if (keys.is_list("moe_layers")) {  // Llama 4 after loading
        if (const auto list = keys.sizes("moe_layers"))
            rules.push_back([l = *list](auto i) { return listed(l, i); });
    }
    if (const auto step = keys.size("decoder_sparse_step", 0);
        step && *step > 0 && !keys.has("first_k_dense_replace")) {
        rules.push_back([n = *step](auto i) { return (i + 1) % n == 0; });
    }
    if (const auto list = keys.sizes("mlp_only_layers"))
        rules.push_back([l = *list](auto i) { return !listed(l, i); });
    if (const auto period = keys.size("expert_layer_period")) {
        const auto offset = keys.size("expert_layer_offset", 0).value_or(0);
        rules.push_back([n = *period, offset](auto i) { return i % n == offset; });
    }
    if (const auto list = keys.texts("mlp_layer_types")) {
        if (has_entry_per_layer(c, "mlp_layer_types", list->size())) {
            rules.push_back([l = *list](auto i) { return l[static_cast<std::size_t>(i)] == "sparse"; });
        }
    }
    return rules;
}

}  // namespace

DenseFfn read_dense(ConfigContext& c) {
    DenseFfn dense;
    dense.width =
        dense_width_or_family(c, {"intermediate_size_mlp", "intermediate_size", "ffn_hidden_size", "d_ff"});
    dense.gated = c.family.gated;
    dense.bias = c.keys.flag("mlp_bias").value_or(false);
    return dense;
}

std::optional<MoeFfn> read_moe(ConfigContext& c) {
    auto& keys = c.keys;
    if (auto ffn = keys.object("ffn_config"); ffn && ffn->has("moe_num_experts")) return read_dbrx(c, *ffn);
    const auto experts = keys.size_of(kExpertCount, 0);
    for (const auto name : kExpertCount) {
        if (keys.has(name) && keys.size(name, 0) != experts)
            keys.problem(name, "disagrees with another count of experts");
    }
    if (!experts || *experts == 0) {
        for (const auto name : kTopK) keys.understood(name);
        return std::nullopt;
    }
    MoeFfn moe;
    moe.experts = *experts;
    moe.top_k = keys.required(kTopK);
    for (const auto name : kTopK) keys.understood(name);
    moe.width = keys.has("moe_intermediate_size")
                    ? keys.required({"moe_intermediate_size"})
                    : dense_width_or_family(c, {"intermediate_size", "ffn_hidden_size"});
    moe.gated = c.family.gated;
    moe.latent = keys.size("moe_latent_size", 0).value_or(0);
    read_shared_experts(c, moe);
    read_routing(c, moe);
    if (keys.flag("parallel_attn_mlp_res").value_or(false)) moe.parallel_width = c.hidden;  // Arctic
    if (keys.flag("enable_moe_block").value_or(false))
        moe.parallel_width = keys.required({"intermediate_size"});
    return moe;
}

std::vector<FeedForward> read_feed_forwards(ConfigContext& c) {
    const auto moe = read_moe(c);
    const auto rules = read_placement(c);
    std::optional<DenseFfn> dense;
    std::vector<FeedForward> out;
    for (std::int64_t i = 0; i < c.layers; ++i) {
        const bool experts =
            moe && std::all_of(rules.begin(), rules.end(), [&](const auto& r) { return r(i); });
        if (!experts && !dense) dense = read_dense(c);
        out.push_back(experts ? FeedForward(*moe) : FeedForward(*dense));
    }
    // The dense width is written by all of them, needed or not.
    for (const auto* key : {"intermediate_size", "intermediate_size_mlp", "ffn_hidden_size", "mlp_bias"}) {
        c.keys.understood(key);
    }
    return out;
}

}  // namespace moeplan
