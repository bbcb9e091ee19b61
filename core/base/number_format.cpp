#include "core/base/number_format.h"

#include <array>

namespace moeplan {
namespace {

struct Row {
    NumberFormat format;
    std::string_view name;
    double bits;
    std::string_view source;
};

constexpr std::string_view kExact = "exact: size of the storage type";
constexpr std::string_view kGgmlBlock = "exact: block size in ggml-common.h (ggerganov/llama.cpp@c392e5094dea)";
// K-quant "mixes" give some tensors more bits; the figure is the whole file divided by its weights.
constexpr std::string_view kGgufFile =
    "whole file, Llama-2 7B/13B/70B mean (ggerganov/llama.cpp@c392e5094dea, examples/quantize/README.md)";

// Order is the enumeration's: bits_per_weight() indexes it.
constexpr std::array<Row, 16> kRows{{
    {NumberFormat::fp32, "fp32", 32, kExact},
    {NumberFormat::bf16, "bf16", 16, kExact},
    {NumberFormat::fp16, "fp16", 16, kExact},
    {NumberFormat::fp8, "fp8", 8, kExact},
    {NumberFormat::fp8_block, "fp8_block", 8 + 32.0 / (128 * 128), "8 bits + fp32 scale per 128x128 block (DeepSeek-V3 report, arXiv 2412.19437, 3.3.2)"},
    {NumberFormat::int8, "int8", 8, kExact},
    {NumberFormat::int4_g128, "int4_g128", 4 + 32.0 / 128, "4 bits + fp16 scale and zero point per 128 (GPTQ/AWQ group size 128)"},
    {NumberFormat::mxfp4, "mxfp4", 4.25, "4 bits + one 8-bit scale per 32 (gpt-oss model card: 4.25)"},
    {NumberFormat::nvfp4, "nvfp4", 4.5, "4 bits + one fp8 scale per 16 (NVFP4)"},
    {NumberFormat::q8_0, "q8_0", 8.5, kGgmlBlock},
    {NumberFormat::q6_k, "q6_k", 6.5625, kGgmlBlock},
    {NumberFormat::q5_k_m, "q5_k_m", 5.667, kGgufFile},
    {NumberFormat::q4_k_m, "q4_k_m", 4.823, kGgufFile},
    {NumberFormat::q4_0, "q4_0", 4.5, kGgmlBlock},
    {NumberFormat::q3_k_m, "q3_k_m", 3.883, kGgufFile},
    {NumberFormat::q2_k, "q2_k", 3.363, kGgufFile},
}};

const Row& row(NumberFormat format) { return kRows[static_cast<std::size_t>(format)]; }

}  // namespace

const std::vector<NumberFormat>& all_number_formats() {
    static const std::vector<NumberFormat> all = [] {
        std::vector<NumberFormat> v;
        for (const auto& r : kRows) v.push_back(r.format);
        return v;
    }();
    return all;
}

std::string_view name_of(NumberFormat format) { return row(format).name; }

std::optional<NumberFormat> number_format_named(std::string_view name) {
    for (const auto& r : kRows) {
        if (r.name == name) return r.format;
    }
    return std::nullopt;
}

std::vector<std::string> number_format_names() {
    std::vector<std::string> names;
    for (const auto& r : kRows) names.emplace_back(r.name);
    return names;
}

double bits_per_weight(NumberFormat format) { return row(format).bits; }
std::string_view source_of_bits(NumberFormat format) { return row(format).source; }

bool is_gguf(NumberFormat format) { return format >= NumberFormat::q8_0; }

NumberFormat compute_format(NumberFormat weights, bool chip_has_fp8, bool chip_has_fp4) {
    switch (weights) {
        case NumberFormat::fp32: return NumberFormat::fp32;
        case NumberFormat::fp16: return NumberFormat::fp16;
        case NumberFormat::fp8:
        case NumberFormat::fp8_block: return chip_has_fp8 ? NumberFormat::fp8 : NumberFormat::bf16;
        case NumberFormat::int8: return NumberFormat::int8;
        case NumberFormat::nvfp4: return chip_has_fp4 ? NumberFormat::nvfp4 : NumberFormat::bf16;
        case NumberFormat::mxfp4: return chip_has_fp4 ? NumberFormat::mxfp4 : NumberFormat::bf16;
        default: return NumberFormat::bf16;
    }
}

}  // namespace moeplan
