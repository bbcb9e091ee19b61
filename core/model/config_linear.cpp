// Recurrent mixers: sizes of projections, convolution and state.
// FLOPs per state element and token: decay 1, update 2, read-out 2 (5 in all); the delta rule first reads the
// old value (2 more); Mamba-1 forms its decay per element (1 more).

#include <fmt/format.h>

#include "core/model/config_layers.h"

namespace moeplan {
namespace {

double as_double(std::int64_t n) { return static_cast<double>(n); }

}  // namespace

// Source: huggingface/transformers modeling_qwen3_next.py, Qwen3NextGatedDeltaNet.
LinearState read_gated_delta_net(ConfigContext& c) {
    auto& keys = c.keys;
    const auto key_heads = keys.required({"linear_num_key_heads"});
    const auto value_heads = keys.required({"linear_num_value_heads"});
    const auto key_dim = keys.required({"linear_key_head_dim"});
    const auto value_dim = keys.required({"linear_value_head_dim"});
    const auto kernel = keys.required({"linear_conv_kernel_dim"});
    LinearState s;
    s.kind = StateKind::gated_delta_net;
    const std::int64_t keys_width = key_heads * key_dim, values_width = value_heads * value_dim;
    s.in_width = 2 * keys_width + 2 * values_width + 2 * value_heads;  // q, k, v, gate, beta, decay
    s.out_width = values_width;
    const double conv_width = as_double(2 * keys_width + values_width);
    s.other_parameters = conv_width * as_double(kernel) + as_double(2 * value_heads + value_dim);
    s.state_elements = as_double(value_heads) * as_double(key_dim) * as_double(value_dim);
    s.conv_elements = conv_width * as_double(kernel - 1);
    s.flops_per_token = 7 * s.state_elements;
    return s;
}

// Source: huggingface/transformers modeling_jamba.py, JambaMambaMixer.
LinearState read_mamba1(ConfigContext& c) {
    auto& keys = c.keys;
    const auto state = keys.required({"mamba_d_state"});
    const auto kernel = keys.required({"mamba_d_conv"});
    const auto inner = keys.required({"mamba_expand"}) * c.hidden;
    const auto rank = keys.size("mamba_dt_rank").value_or((c.hidden + 15) / 16);
    const bool conv_bias = keys.flag("mamba_conv_bias").value_or(true);
    const bool proj_bias = keys.flag("mamba_proj_bias").value_or(false);
    LinearState s;
    s.kind = StateKind::mamba1;
    s.in_width = 2 * inner;
    s.out_width = inner;
    s.inner_gemm_parameters =
        as_double(inner) * as_double(rank + 2 * state) + as_double(rank) * as_double(inner);
    s.other_parameters =
        as_double(inner) * as_double(kernel + (conv_bias ? 1 : 0) + state + 2)  // dt bias and D
        + as_double(rank + 2 * state)                                           // norms
        + (proj_bias ? as_double(2 * inner + c.hidden) : 0);
    s.state_elements = as_double(inner) * as_double(state);
    s.conv_elements = as_double(inner) * as_double(kernel - 1);
    s.flops_per_token = 6 * s.state_elements;
    return s;
}

// Source: modeling_nemotron_h.py, NemotronHMamba2Mixer.
LinearState read_mamba2(ConfigContext& c) {
    auto& keys = c.keys;
    const auto heads = keys.required({"mamba_num_heads"});
    const auto head_dim = keys.required({"mamba_head_dim"});
    const auto state = keys.required({"ssm_state_size"});
    const auto groups = keys.required({"n_groups"});
    const auto kernel = keys.required({"conv_kernel"});
    const bool conv_bias = keys.flag("use_conv_bias").value_or(true);
    const bool proj_bias =
        keys.flag("use_bias").value_or(false) || keys.flag("mamba_proj_bias").value_or(false);
    for (const auto* key : {"expand", "time_step_rank", "mamba_proj_bias"}) keys.understood(key);
    const std::int64_t inner = heads * head_dim;
    const std::int64_t conv_width = inner + 2 * groups * state;
    LinearState s;
    s.kind = StateKind::mamba2;
    s.in_width = inner + conv_width + heads;
    s.out_width = inner;
    s.other_parameters = as_double(conv_width) * as_double(kernel + (conv_bias ? 1 : 0)) +
                         as_double(3 * heads + inner) +  // dt bias, A, D; gated norm
                         (proj_bias ? as_double(s.in_width + c.hidden) : 0);
    s.state_elements = as_double(inner) * as_double(state);
    s.conv_elements = as_double(conv_width) * as_double(kernel - 1);
    s.flops_per_token = 5 * s.state_elements;
    return s;
}

// Source: modeling_minimax_text_01.py, MiniMaxText01LightningAttention.
LinearState read_lightning(ConfigContext& c) {
    auto& keys = c.keys;
    const auto heads = keys.required({"num_attention_heads"});
    const auto head_dim = keys.size("head_dim").value_or(heads > 0 ? c.hidden / heads : 0);
    LinearState s;
    s.kind = StateKind::lightning;
    s.in_width = 4 * heads * head_dim;  // q, k, v, output gate
    s.out_width = heads * head_dim;
    s.other_parameters = as_double(heads * head_dim);  // norm
    s.state_elements = as_double(heads) * as_double(head_dim) * as_double(head_dim);
    s.flops_per_token = 5 * s.state_elements;
    return s;
}

}  // namespace moeplan
