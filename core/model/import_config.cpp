// A Hugging Face config.json: parse, find the text model in it, read its parts, refuse what is left over.

#include "core/model/import.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/model/config_layers.h"
#include "core/model/config_neutral.h"
#include "core/model/config_quantization.h"
#include "core/model/config_switch.h"
#include "core/model/count.h"
#include "core/model/json_scan.h"

namespace moeplan {
namespace {

using nlohmann::json;

constexpr std::size_t kLargestConfig = std::size_t{16} << 20;
constexpr std::int64_t kLongestContext = 10'000'000'000;

Result<json> parse(std::string_view text, const std::string& name, ConfigFile& file) {
    if (text.size() > kLargestConfig) {
        return fail({name, "",
                     fmt::format("is {} bytes, expected a config.json of at most 16 MiB", text.size()), ""});
    }
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        return fail({name, "", "is empty, expected a JSON object", ""});
    }
    JsonScan scan = scan_json(text);
    if (scan.too_deep_line) {
        return fail({fmt::format("{}:{}", name, *scan.too_deep_line), "",
                     fmt::format("nests deeper than {} levels, expected a config.json", kDeepestJson), ""});
    }
    try {
        json root = json::parse(scan.text);
        if (!root.is_object()) {
            return fail({name, "", fmt::format("is a JSON {}, expected an object", root.type_name()), ""});
        }
        file.lines = std::move(scan.lines);
        for (const auto& [key, line] : scan.duplicates) {
            file.problems.push_back(
                {fmt::format("{}:{}", name, line), key, "is given twice, expected once", ""});
        }
        return root;
    } catch (const json::parse_error& e) {
        return fail({fmt::format("{}:{}", name, line_of(scan.text, e.byte > 0 ? e.byte - 1 : 0)), "",
                     "is not JSON here", ""});
    } catch (const json::exception& e) {
        return fail({name, "", fmt::format("is not usable JSON: {}", e.what()), ""});
    }
}

// Multimodal configs keep the language model one level down.
std::optional<ConfigReader> inner_text_config(ConfigReader& outer) {
    for (const auto* key : {"text_config", "language_config", "llm_config"}) {
        if (outer.has(key)) return outer.object(key);
    }
    return std::nullopt;
}

std::vector<LayerPlan> read_plain_layers(ConfigContext& c) {
    const auto mixers = read_mixers(c);
    const auto ffns = read_feed_forwards(c);
    std::vector<LayerPlan> plans;
    for (std::size_t i = 0; i < std::min(mixers.size(), ffns.size()); ++i) {
        LayerPlan plan{mixers[i], std::nullopt, ffns[i], 0};
        plan.norm_parameters =
            c.family.norm_vectors * static_cast<double>(c.hidden) + extra_norm_parameters(c, ffns[i]);
        plans.push_back(plan);
    }
    return plans;
}

std::int64_t required_or_default(ConfigReader& keys, const Family& family,
                                 const std::vector<std::string_view>& names,
                                 std::int64_t most = kLargestSize) {
    const auto it = family.sizes.find(names.front());
    for (const auto name : names) {
        if (keys.has(name)) return keys.required({name}, most);
    }
    if (it == family.sizes.end()) return keys.required(names, most);
    keys.note(
        fmt::format("{} is not stated; {} is the default of {}", names.front(), it->second, family.name));
    return it->second;
}

// A prediction module is one more layer of the last kind, two norms and a 2h x h projection in front, a norm
// behind. Source: DeepSeek-V3 README_WEIGHTS.md.
double read_mtp(ConfigReader& keys, const std::vector<LayerPlan>& plans, std::int64_t hidden_size) {
    const auto modules =
        keys.size_of(
                {"num_nextn_predict_layers", "mtp_num_hidden_layers", "num_mtp_modules", "num_mtp_layers"}, 0)
            .value_or(0);
    const auto layers = modules * keys.size("mtp_transformer_layers").value_or(1);
    if (layers == 0 || plans.empty()) return 0;
    ModelSpec last;
    last.hidden = hidden_size;
    last.layers = group_layers({plans.back()});
    const double hidden = static_cast<double>(hidden_size);
    return static_cast<double>(layers) * (count_parameters(last).total + 2 * hidden * hidden + 3 * hidden);
}

std::vector<LayerPlan> read_layers(ConfigContext& c) {
    if (c.keys.has("hybrid_override_pattern") || c.keys.is_list("layers_block_type")) {
        if (!c.family.name.starts_with("jamba")) return read_pattern_layers(c);
    }
    return c.keys.has("block_configs") ? read_block_layers(c) : read_plain_layers(c);
}

// Of a family nobody has heard of only the activation tells whether its feed-forward has a gate.
void check_gate(ConfigReader& keys, const Family& family) {
    const auto act = keys.text("hidden_act");
    if (family.known || (act && (*act == "silu" || *act == "swish" || *act == "swiglu"))) return;
    if (!act) return keys.note("hidden_act is not stated; gated feed-forwards were assumed");
    keys.problem("hidden_act",
                 fmt::format("found '{}' in an unknown family; whether its feed-forward is gated cannot "
                             "be told, expected silu, swish or swiglu",
                             *act));
}

void read_decoder(ConfigReader& keys, const Family& family, ModelSpec& model) {
    const bool counted_by_pattern = keys.is_list("layers_block_type") && !keys.has("num_hidden_layers");
    model.hidden = required_or_default(keys, family, {"hidden_size", "d_model"});
    const auto layers =
        counted_by_pattern
            ? static_cast<std::int64_t>(
                  keys.texts("layers_block_type").value_or(std::vector<std::string>{}).size())
            : required_or_default(keys, family, {"num_hidden_layers", "n_layers", "num_layers"}, kMostLayers);
    keys.size("num_kv_shared_layers", 0, 0);         // Gemma 3n: layers without a cache of their own
    keys.size("hidden_size_per_layer_input", 0, 0);  // Gemma 3n: embeddings per layer
    if (keys.flag("use_double_wide_mlp").value_or(false) &&
        keys.size("num_kv_shared_layers", 0).value_or(0) > 0) {
        keys.problem("use_double_wide_mlp", "found true, expected false: wider layers are not understood");
    }
    check_gate(keys, family);
    ConfigContext context{keys, family, model.hidden, layers};
    const auto plans = read_layers(context);
    model.layers = group_layers(plans);
    model.position_parameters = family.final_norm_vectors * static_cast<double>(model.hidden);
    if (keys.file().problems.empty()) model.mtp_parameters = read_mtp(keys, plans, model.hidden);
}

void read_embeddings(ConfigReader& keys, ConfigReader& outer, const Family& family, ModelSpec& model) {
    model.vocab = required_or_default(keys, family, {"vocab_size"});
    auto tied = keys.flag("tie_word_embeddings");
    if (const auto above = outer.flag("tie_word_embeddings"); !tied) tied = above;
    if (!tied) {
        keys.note(fmt::format("tie_word_embeddings is not stated; {} was assumed, {}", family.tied,
                              family.known ? "the default of " + family.name : "most models' choice"));
    }
    model.tied_embeddings = tied.value_or(family.tied);
    model.head_bias = keys.flag("lm_head_bias").value_or(false);
    model.max_context = keys.size_of({"max_position_embeddings", "max_seq_len", "n_positions", "seq_length"},
                                     1, kLongestContext)
                            .value_or(0);
}

void refuse_unplaced(ConfigReader& keys, const Family& family) {
    std::vector<std::string> unplaced = unplaced_keys(keys, family.known);
    if (unplaced.empty()) return;
    std::string list;
    for (const auto& key : unplaced) list += (list.empty() ? "" : ", ") + key;
    ConfigFile& file = keys.file();
    file.problems.push_back(
        {file.name, "",
         fmt::format("model_type '{}' has keys that may change sizes and are not understood: {}", family.name,
                     list),
         ""});
}

}  // namespace

Result<ModelSpec> import_config_json(std::string_view text, const std::string& name) {
    ConfigFile file;
    file.name = name;
    const auto root = parse(text, name, file);
    if (!root) return tl::unexpected(root.error());
    ConfigReader outer(*root, "", file);
    const auto inner = inner_text_config(outer);
    ConfigReader keys = inner.value_or(outer);

    const auto type = keys.text("model_type");
    const auto outer_type = outer.text("model_type");
    const Family family = find_family(type.value_or(outer_type.value_or("")),
                                      outer.texts("architectures").value_or(std::vector<std::string>{}));
    if (!family.known)
        file.notes.push_back(
            fmt::format("model_type '{}' is not known; its keys were followed", family.name));

    ModelSpec model;
    model.id = name;
    model.source = name;
    model.family = type.value_or(outer_type.value_or(family.name));
    if (family.name == "switch_transformers") {
        read_switch(keys, family, model);
    } else {
        read_decoder(keys, family, model);
    }
    read_embeddings(keys, outer, family, model);
    const NativeFormats formats = read_native_formats(keys, outer);
    model.native = formats.linear;
    model.native_experts = formats.experts;
    if (outer.has("vision_config") || outer.has("audio_config")) {
        file.notes.push_back("vision and audio towers are not counted");
    }
    refuse_unplaced(keys, family);
    if (!file.problems.empty()) return fail(file.problems);
    model.notes = file.notes;
    return model;
}

Result<ModelSpec> import_config_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail({path, "", "cannot be opened, expected a config.json", ""});
    std::string text;
    text.resize(kLargestConfig + 1);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) return fail({path, "", "cannot be read, expected a config.json", ""});
    text.resize(static_cast<std::size_t>(in.gcount()));
    return import_config_json(text, path);
}

}  // namespace moeplan
