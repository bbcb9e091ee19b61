#include "core/model/config_quantization.h"

#include <fmt/format.h>

namespace moeplan {
namespace {

NumberFormat read_dtype(ConfigReader& keys, NumberFormat otherwise) {
    for (const auto* key : {"dtype", "torch_dtype"}) {
        const auto type = keys.text(key);
        if (!type) continue;
        if (*type == "float32") return NumberFormat::fp32;
        if (*type == "float16") return NumberFormat::fp16;
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
    keys.problem(key, bits ? fmt::format("found {}, expected 4 or 8 bits", *bits) : "is missing, expected 4 or 8");
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
    if (is_float && bits == 8) return weights->has("block_structure") ? NumberFormat::fp8_block : NumberFormat::fp8;
    if (is_float && bits == 4) return weights->size("group_size") == 32 ? NumberFormat::mxfp4 : NumberFormat::nvfp4;
    return integer_format(*weights, "num_bits");
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
    if (algorithm == "FP8") return NumberFormat::fp8;
    if (algorithm == "NVFP4") return NumberFormat::nvfp4;
    if (algorithm.starts_with("W4A16")) return NumberFormat::int4_g128;
    if (method == "compressed-tensors" || method == "modelopt" || !algorithm.empty()) {
        if (const auto format = group_format(q)) return format;
    }
    if (q.has("quantization")) return std::nullopt;
    q.problem("quant_method", fmt::format("found '{}', expected fp8, mxfp4, gptq, awq, bitsandbytes, modelopt or "
                                          "compressed-tensors", method.empty() ? algorithm : method));
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
            formats.linear = *format == NumberFormat::mxfp4 ? dtype : *format;
            return formats;
        }
    }
    return formats;
}

}  // namespace moeplan
