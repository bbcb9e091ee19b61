#include "core/model/gguf_model.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace moeplan {
namespace {

std::optional<std::int64_t> to_whole(double n) {
    if (!(n >= 0 && n <= 1e12) || n != static_cast<double>(static_cast<std::int64_t>(n))) return std::nullopt;
    return static_cast<std::int64_t>(n);
}

template <std::size_t N>
bool begins(std::string_view name, const std::array<std::string_view, N>& starts) {
    return std::any_of(starts.begin(), starts.end(), [&](auto s) { return name.starts_with(s); });
}

GgufClass class_in_layer(std::string_view rest) {
    static constexpr std::array<std::string_view, 3> routers = {"ffn_gate_inp.", "exp_probs_b",
                                                                "ffn_gate_tid2eid"};
    static constexpr std::array<std::string_view, 4> experts = {"ffn_gate_exps", "ffn_up_exps",
                                                                "ffn_down_exps", "ffn_gate_up_exps"};
    static constexpr std::array<std::string_view, 5> shared = {
        "ffn_gate_shexp", "ffn_up_shexp", "ffn_down_shexp", "ffn_gate_inp_shexp", "ffn_gate_up_shexp"};
    static constexpr std::array<std::string_view, 3> dense = {"ffn_gate.", "ffn_up.", "ffn_down."};
    static constexpr std::array<std::string_view, 18> attention = {
        "attn_q.",      "attn_k.",        "attn_v.",         "attn_qkv.",      "attn_output.", "attn_q_norm.",
        "attn_k_norm.", "attn_q_a.",      "attn_q_b.",       "attn_kv_a_mqa.", "attn_kv_b.",   "attn_k_b.",
        "attn_v_b.",    "attn_q_a_norm.", "attn_kv_a_norm.", "attn_sinks",     "attn_out.",    "indexer."};
    static constexpr std::array<std::string_view, 9> other = {
        "attn_norm",         "ffn_norm",      "post_attention_norm", "post_ffw_norm", "attn_output_norm",
        "layer_output_norm", "ffn_norm_exps", "attn_rot_embd",       "nextn."};
    if (begins(rest, routers)) return GgufClass::router;
    if (begins(rest, experts)) return GgufClass::experts;
    if (begins(rest, shared)) return GgufClass::dense_ffn;
    if (begins(rest, attention)) return GgufClass::attention;
    if (begins(rest, other)) return GgufClass::other;
    if (begins(rest, dense)) {
        // Before the experts of a layer were merged: ffn_up.3.weight.
        const auto dot = rest.find('.');
        const bool numbered = dot + 1 < rest.size() && rest[dot + 1] >= '0' && rest[dot + 1] <= '9';
        return numbered ? GgufClass::experts : GgufClass::dense_ffn;
    }
    return GgufClass::unknown;
}

std::optional<std::pair<std::int64_t, std::string_view>> split_layer(std::string_view name) {
    if (!name.starts_with("blk.")) return std::nullopt;
    name.remove_prefix(4);
    std::int64_t layer = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), layer);
    if (error != std::errc{} || end == name.data() + name.size() || *end != '.' || layer < 0)
        return std::nullopt;
    return std::pair{layer, name.substr(static_cast<std::size_t>(end - name.data()) + 1)};
}

}  // namespace

GgufClass class_of(std::string_view tensor) {
    if (const auto split = split_layer(tensor)) return class_in_layer(split->second);
    if (tensor.starts_with("token_embd.")) return GgufClass::embedding;
    if (tensor.starts_with("output.")) return GgufClass::head;
    static constexpr std::array<std::string_view, 5> other = {"output_norm.", "rope_freqs.", "rope_factors_",
                                                              "token_embd_norm.", "position_embd."};
    return begins(tensor, other) ? GgufClass::other : GgufClass::unknown;
}

std::string without_layer(std::string_view tensor) {
    const auto split = split_layer(tensor);
    return std::string(split ? split->second : tensor);
}

GgufModel::GgufModel(GgufFile header, std::string file_name)
    : file(std::move(header)), name(std::move(file_name)) {
    architecture = text("general.architecture").value_or("");
    if (architecture.empty()) problem("has no general.architecture, expected the name of one");
    for (std::size_t i = 0; i < file.tensors.size(); ++i) {
        if (!index_.emplace(file.tensors[i].name, i).second) {
            problem(fmt::format("lists the tensor '{}' twice", file.tensors[i].name));
            return;
        }
    }
}

const GgufTensor* GgufModel::tensor(std::string_view tensor_name) const {
    const auto it = index_.find(std::string(tensor_name));
    return it == index_.end() ? nullptr : &file.tensors[it->second];
}

const GgufTensor* GgufModel::tensor(std::int64_t layer, std::string_view rest) const {
    return tensor(fmt::format("blk.{}.{}", layer, rest));
}

std::int64_t GgufModel::layer_of(std::string_view tensor_name) const {
    const auto split = split_layer(tensor_name);
    return split ? split->first : -1;
}

std::optional<std::string> GgufModel::text(const std::string& key) const {
    const auto it = file.metadata.find(key);
    const auto* text = it == file.metadata.end() ? nullptr : std::get_if<std::string>(&it->second);
    return text ? std::optional(*text) : std::nullopt;
}

std::optional<std::int64_t> GgufModel::whole(const std::string& full_key) const {
    const auto it = file.metadata.find(full_key);
    const auto* n = it == file.metadata.end() ? nullptr : std::get_if<double>(&it->second);
    return n ? to_whole(*n) : std::nullopt;
}

std::optional<std::int64_t> GgufModel::size(const std::string& key) const {
    return whole(architecture + "." + key);
}

std::optional<std::int64_t> GgufModel::size(const std::string& key, std::int64_t layer) const {
    const auto it = file.metadata.find(architecture + "." + key);
    const auto* list = it == file.metadata.end() ? nullptr : std::get_if<GgufList>(&it->second);
    if (!list) return size(key);
    const auto i = static_cast<std::size_t>(layer);
    return i < list->numbers.size() ? to_whole(list->numbers[i]) : std::nullopt;
}

std::int64_t GgufModel::required(const std::string& key, std::int64_t most) {
    const auto n = size(key);
    if (n && *n >= 1 && *n <= most) return *n;
    problem(n ? fmt::format("{}.{} is {}, expected 1 to {}", architecture, key, *n, most)
              : fmt::format("{}.{} is missing or not a whole number", architecture, key));
    return 0;
}

void GgufModel::problem(std::string what) {
    for (const auto& p : problems) {
        if (p.what == what) return;
    }
    problems.push_back({name, "", std::move(what), ""});
}

}  // namespace moeplan
