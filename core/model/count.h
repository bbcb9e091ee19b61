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

// Elements one token adds to the cache of one layer of this mixer, in the KV format (window not applied;
// a sparse indexer's key is not among them, see below).
double kv_elements_per_token(const Mixer& mixer);

// The key a sparse indexer keeps per token and layer. It has a format of its own whatever the KV cache has:
// fp8 with one fp32 scale per 128 elements, 132 bytes for DeepSeek-V3.2.
// Source: DeepSeek-V3.2-Exp inference/model.py, class Indexer (k_cache, k_scale_cache).
Bytes indexer_key_bytes_per_token(const Mixer& mixer);

// Both of the above: what one token adds to the cache of one layer.
Bytes layer_kv_bytes_per_token(const Mixer& mixer, NumberFormat kv);

// Bytes one token adds to the cache of the whole model while no window is full yet.
// Linear-state layers add nothing per token. In an encoder-decoder an input token lies in the cross cache and
// an output token in the decoder's own; both are equally large, so a token is counted once.
Bytes kv_bytes_per_token(const ModelSpec& model, NumberFormat kv);

// Bytes the cache of one sequence of `context` tokens takes: windows cut, linear states added once.
Bytes kv_bytes_per_sequence(const ModelSpec& model, NumberFormat kv, double context);

// Bytes of a linear-state layer's recurrent (fp32) and convolution (bf16) state, per sequence.
Bytes state_bytes(const LinearState& state);

// FLOPs to produce one output token at `context` tokens already cached: every multiply-add is 2.
// Counted: every weight the token is multiplied with (the head, not the input table; top_k experts) and
// attention's score and value products over context + 1 keys, cut to a window; latent attention in its
// absorbed form, cut to the indexer's top_k. Norms outside mixers and activations are not counted, nor is an
// encoder, which runs per input token.
Flops flops_per_output_token(const ModelSpec& model, double context);

}  // namespace moeplan
