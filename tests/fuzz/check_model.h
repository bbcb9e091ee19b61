#pragma once
// What holds for every model that a reader accepts.

#include <cmath>
#include <cstdlib>

#include "core/model/count.h"
#include "core/model/model_spec.h"

namespace moeplan {

inline void check_amount(double value) {
    if (!std::isfinite(value) || value < 0) std::abort();
}

// Counts are finite and not negative, and no token passes through more parameters than there are.
inline void check_model(const ModelSpec& model) {
    const ParameterCount count = count_parameters(model);
    for (const double n : {count.total, count.input_embedding, count.head, count.attention, count.dense_ffn,
                           count.routed_experts, count.router, count.norms_and_other})
        check_amount(n);
    if (count.active_all > count.total * (1 + 1e-9)) std::abort();
    check_amount(count.active_no_embeddings);
    check_amount(kv_bytes_per_token(model, NumberFormat::bf16).value);
    check_amount(kv_bytes_per_sequence(model, NumberFormat::fp8, 4096).value);
    if (model.layer_count() < 1) std::abort();
}

}  // namespace moeplan
