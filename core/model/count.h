#pragma once
// Parameters, KV bytes and FLOPs that follow from a ModelSpec alone.

#include "core/model/model_spec.h"

namespace moeplan {

// All text weights. A tied embedding is counted once; multi-token-prediction layers and vision
// towers are not counted (the convention of the published totals; docs/method.md).
struct ParameterCount {
    double total = 0;
    // The three published conventions of "active" (parameters one token passes through):
    double active_all = 0;            // with the input table and the head (Mixtral, Qwen, Llama 4)
    double active_no_input = 0;       // without the input table, a lookup (gpt-oss, DeepSeek)
    double active_no_embeddings = 0;  // without either (GLM, MiniMax)
    // Tensor classes; they add up to total.
    double input_embedding = 0;
    double head = 0;               // 0 when tied
    double attention = 0;          // softmax, latent and linear mixers, cross attention
    double dense_ffn = 0;          // dense layers, shared and parallel experts
    double routed_experts = 0;
    double router = 0;
    double norms_and_other = 0;
};

ParameterCount count_parameters(const ModelSpec& model);

double mixer_parameters(const Mixer& mixer, std::int64_t hidden);
double softmax_attention_parameters(const SoftmaxAttention& attention, std::int64_t hidden);
// One routed expert, biases included.
double expert_parameters(const MoeFfn& moe, std::int64_t hidden);

// Elements one token adds to the cache of one layer of this mixer (window not applied).
double kv_elements_per_token(const Mixer& mixer);

// Bytes one token adds to the cache of the whole model while no window is full yet.
// `state` formats: linear-state layers add nothing per token.
Bytes kv_bytes_per_token(const ModelSpec& model, NumberFormat kv);

// Bytes the cache of one sequence of `context` tokens takes: windows cut, linear states added once.
Bytes kv_bytes_per_sequence(const ModelSpec& model, NumberFormat kv, double context);

// Bytes of a linear-state layer's recurrent (fp32) and convolution (bf16) state, per sequence.
Bytes state_bytes(const LinearState& state);

// FLOPs to produce one output token at `context` tokens already cached: every multiply-add is 2.
// Attention's score and value products are counted; norms and activations are not.
Flops flops_per_output_token(const ModelSpec& model, double context);

}  // namespace moeplan
