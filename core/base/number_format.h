#pragma once
// Number formats of weights, activations and the KV cache, with their true bits per element,
// scales included.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/units.h"

namespace moeplan {

enum class NumberFormat : std::uint8_t {
    fp32, bf16, fp16,
    fp8,        // per-tensor scale
    fp8_block,  // one fp32 scale per 128 x 128 block
    int8,
    int4_g128,  // 4-bit weights, fp16 scale and zero per group of 128 (GPTQ, AWQ)
    mxfp4,      // one 8-bit scale per 32
    nvfp4,      // one fp8 scale per 16 (and one fp32 per tensor)
    q8_0, q6_k, q5_k_m, q4_k_m, q4_0, q3_k_m, q2_k,  // GGUF mixes
};

// Every format, in the order of the enumeration.
const std::vector<NumberFormat>& all_number_formats();

std::string_view name_of(NumberFormat format);
std::optional<NumberFormat> number_format_named(std::string_view name);
std::vector<std::string> number_format_names();

// True bits per weight, scales included. Sources are in the table in number_format.cpp.
double bits_per_weight(NumberFormat format);

// Where that figure comes from.
std::string_view source_of_bits(NumberFormat format);

// The format arithmetic runs in: a weight-only format (int4, GGUF, mxfp4 on chips without fp4)
// is widened to bf16 before the multiply.
NumberFormat compute_format(NumberFormat weights, bool chip_has_fp8, bool chip_has_fp4);

// True for formats that only exist in GGUF files.
bool is_gguf(NumberFormat format);

inline Bytes weight_bytes(double parameters, NumberFormat format) {
    return {parameters * bits_per_weight(format) / 8.0};
}

}  // namespace moeplan
