#pragma once
// Which number format each class of tensors is held in.

#include <optional>
#include <string_view>

#include "core/base/number_format.h"
#include "core/model/model_spec.h"

namespace moeplan {

struct Precision {
    NumberFormat linear = NumberFormat::bf16;      // attention projections, dense FFN, shared experts
    NumberFormat experts = NumberFormat::bf16;     // routed experts
    NumberFormat embedding = NumberFormat::bf16;   // input table and head
    NumberFormat kv = NumberFormat::bf16;
    bool operator==(const Precision&) const = default;
};

// The shorthand `precision: fp8`. What engines really do: embeddings, head and router stay bf16
// except in GGUF; mxfp4 covers the routed experts only (gpt-oss model card), everything of a dense model;
// the KV cache stays bf16 unless said otherwise.
Precision precision_from(NumberFormat format, const ModelSpec& model);

// As the checkpoint was published.
Precision native_precision(const ModelSpec& model);

// "fp8", "experts mxfp4, rest bf16", with ", kv fp8" where it differs from bf16.
std::string describe(const Precision& precision);

}  // namespace moeplan
