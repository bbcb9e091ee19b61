#pragma once
// What a config leaves unsaid. Sizes follow keys; a family only tells what its model code does without a key
// (biases, norms) and which values its config class writes only when they differ from a default.
// Source: configuration_*.py and modeling_*.py of huggingface/transformers, or the model's own repository.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/model_spec.h"

namespace moeplan {

// Which layers a sliding window is used on when no layer_types says so.
enum class WindowRule : std::uint8_t {
    every,     // all layers (Mistral, Mixtral, Phi-MoE)
    none,      // the key is written but not used
    even,      // layers 0, 2, 4 ... (Gemma 2, gpt-oss)
    switched,  // only with use_sliding_window, from max_window_layers on (Qwen)
    chunked,   // attention_chunk_size except on every fourth layer (Llama 4)
};

struct Family {
    std::string name;
    bool known = false;
    bool tied = false;           // tie_word_embeddings when absent
    bool qkv_bias = false;       // when neither attention_bias nor qkv_bias is there
    bool bias_on_output = true;  // attention_bias covers the output projection
    QkNorm qk_norm = QkNorm::none;
    bool query_gate = false;  // output gate from the query projection when attn_output_gate is absent
    bool sinks = false;
    int norm_vectors = 2;  // of the hidden size, per layer
    int final_norm_vectors = 1;
    bool router_bias = false;
    bool expert_bias = false;
    bool shared_gate = false;
    bool correction_bias = false;
    bool fp32_router = false;
    bool gated = true;
    WindowRule window = WindowRule::every;
    std::map<std::string, std::int64_t, std::less<>> sizes;  // defaults of absent keys
};

// By architecture class first (configs in the wild carry a borrowed model_type), then by model_type.
// Never fails: an unknown name gives a family with known = false and no habits of its own.
Family find_family(std::string_view model_type, const std::vector<std::string>& architectures);

}  // namespace moeplan
