#include "core/model/config_quantization.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace moeplan {
namespace {

NumberFormat read_dtype(ConfigReader& keys, NumberFormat otherwise) {
    for (const auto* key : {"dtype", "torch_dtype"}) {
        const auto type = keys.text(key);
        if (!type) continue;
        if (*type == "float32" || *type == "float") return NumberFormat::fp32;
        if (*type == "float16" || *type == "half") return NumberFormat::fp16;
        if (*type == "bfloat16") return NumberFormat::bf16;
        if (type->starts_with("float8")) return NumberFormat::fp8;
        keys.problem(key, fmt::format("found '{}', expected float32, float16, bfloat16 or float8_*", *type));
    }
    return otherwise;
}

// int8 or int4 by the "bits" of GPTQ, AWQ and compressed-tensors.
std::optional<NumberFormat> integer_format(ConfigReader& keys, std::string_view key) {
    const auto bits = keys.size(key, 1, 32);
    if (bits == 4) return NumberFormat::int4_g128;
    if (bits == 8) return NumberFormat::int8;
    keys.problem(key,
                 bits ? fmt::format("found {}, expected 4 or 8 bits", *bits) : "is missing, expected 4 or 8");
    return std::nullopt;
}

// compressed-tensors and some ModelOpt files: config_groups.group_0.weights {num_bits, type}.
std::optional<NumberFormat> group_format(ConfigReader& q) {
    auto groups = q.object("config_groups");
    if (!groups || groups->keys().empty()) return std::nullopt;
    auto group = groups->object(groups->keys().front());
    auto weights = group ? group->object("weights") : std::nullopt;
    if (!weights) return std::nullopt;
    const bool is_float = weights->text("type").value_or("int") == "float";
    const auto bits = weights->size("num_bits", 1, 32);
    if (is_float && bits == 8)
        return weights->has("block_structure") ? NumberFormat::fp8_block : NumberFormat::fp8;
    if (is_float && bits == 4)
        return weights->size("group_size") == 32 ? NumberFormat::mxfp4 : NumberFormat::nvfp4;
    return integer_format(*weights, "num_bits");
}

std::optional<NumberFormat> format_of_algorithm(std::string_view algorithm) {
    if (algorithm == "FP8") return NumberFormat::fp8;
    if (algorithm == "FP8_PB_WO") return NumberFormat::fp8_block;
    if (algorithm.starts_with("NVFP4")) return NumberFormat::nvfp4;
    if (algorithm.starts_with("W4A")) return NumberFormat::int4_g128;
    return std::nullopt;
}

// ModelOpt's mixed precision: {"layer name": {"quant_algo": …}}; what most layers are in.
std::optional<NumberFormat> most_layers(ConfigReader& q) {
    auto layers = q.object("quantized_layers");
    if (!layers) return std::nullopt;
    std::map<NumberFormat, int> votes;
    for (const auto& name : layers->keys()) {
        auto layer = layers->object(name);
        const auto format = format_of_algorithm(layer ? layer->text("quant_algo").value_or("") : "");
        if (format) ++votes[*format];
    }
    const auto most = std::max_element(votes.begin(), votes.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == votes.end() ? std::nullopt : std::optional(most->first);
}

// Attention left as it was (Kimi-K2-Thinking, gpt-oss): only the experts are quantized.
bool leaves_attention(ConfigReader& q) {
    for (const auto* key : {"modules_to_not_convert", "ignore", "exclude_modules"}) {
        if (!q.is_list(key)) continue;
        const auto names = q.texts(key).value_or(std::vector<std::string>{});
        for (const auto& name : names) {
            if (name.find("re:.*self_attn") == 0 || name.find("layers.*.self_attn") != std::string::npos)
                return true;
        }
    }
    return false;
}

std::optional<NumberFormat> quantized_format(ConfigReader& q) {
    const std::string method = q.text("quant_method").value_or(q.text("quant_library").value_or(""));
    const std::string algorithm = q.text("quant_algo").value_or("");
    if (method == "fp8" || method == "fbgemm_fp8") {
        return q.has("weight_block_size") ? NumberFormat::fp8_block : NumberFormat::fp8;
    }
    if (method == "mxfp4") return NumberFormat::mxfp4;
    if (method == "gptq" || method == "awq") return integer_format(q, q.has("bits") ? "bits" : "w_bit");
    if (method == "bitsandbytes") {
        return q.flag("load_in_4bit").value_or(false) ? NumberFormat::int4_g128 : NumberFormat::int8;
    }
    if (const auto format = format_of_algorithm(algorithm)) return format;
    if (const auto format = most_layers(q)) return format;
    if (method == "compressed-tensors" || method == "modelopt" || !algorithm.empty()) {
        if (const auto format = group_format(q)) return format;
    }
    q.problem("quant_method",
              fmt::format("found '{}', expected fp8, mxfp4, gptq, awq, bitsandbytes, modelopt or "
                          "compressed-tensors",
                          method.empty() ? algorithm : method));
    return std::nullopt;
}

}  // namespace

NativeFormats read_native_formats(ConfigReader& text_config, ConfigReader& outer) {
    const NumberFormat dtype = read_dtype(text_config, read_dtype(outer, NumberFormat::bf16));
    NativeFormats formats{dtype, dtype};
    for (auto* keys : {&text_config, &outer}) {
        for (const auto* key : {"quantization_config", "compression_config"}) {
            auto q = keys->object(key);
            if (!q || q->keys().empty()) continue;
            const auto format = quantized_format(*q);
            if (!format) continue;
            // gpt-oss: only the experts are in mxfp4. Source: its model card and modules_to_not_convert.
            formats.experts = *format;
            formats.linear = *format == NumberFormat::mxfp4 || leaves_attention(*q) ? dtype : *format;
            return formats;
        }
    }
    return formats;
}

}  // namespace moeplan
