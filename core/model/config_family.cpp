#include "core/model/config_family.h"

#include <functional>
#include <utility>

namespace moeplan {
namespace {

using Habits = std::function<void(Family&)>;

void llama(Family&) {}
void qwen2(Family& f) {
    f.qkv_bias = true;
    f.bias_on_output = false;
    f.window = WindowRule::switched;
}
void qwen2_moe(Family& f) {
    qwen2(f);
    f.shared_gate = true;
}
void qwen3(Family& f) {
    f.qk_norm = QkNorm::per_head;
    f.window = WindowRule::switched;
    f.sizes = {{"head_dim", 128}};
}
void qwen3_next(Family& f) {
    f.qk_norm = QkNorm::per_head;
    f.window = WindowRule::switched;
    f.query_gate = true;
    f.shared_gate = true;
}
void deepseek_v3(Family& f) { f.correction_bias = true; }
void glm4_moe(Family& f) {
    f.bias_on_output = false;
    f.correction_bias = true;
}
// Its router takes tokens in fp32: github:vllm-project/vllm, vllm/model_executor/models/glm4_moe.py and minimax_m2.py.
void glm4_moe_fp32(Family& f) {
    glm4_moe(f);
    f.fp32_router = true;
}
void gpt_oss(Family& f) {
    f.router_bias = f.expert_bias = f.sinks = true;
    f.window = WindowRule::even;
}
void minimax_m2(Family& f) {
    f.window = WindowRule::none;
    f.fp32_router = true;
}
void grok(Family& f) {
    f.tied = true;
    f.norm_vectors = 4;
}
void olmoe(Family& f) { f.qk_norm = QkNorm::full_width; }
void phimoe(Family& f) {
    f.norm_vectors = 4;  // two layer norms with weight and bias
    f.final_norm_vectors = 2;
    f.sizes = {{"num_key_value_heads", 8}};
}
void granite(Family& f) { f.tied = true; }
void gemma(Family& f) {
    f.tied = true;
    f.sizes = {{"vocab_size", 256000}, {"head_dim", 256}};
}
void gemma2(Family& f) {
    f.tied = true;
    f.norm_vectors = 4;
    f.window = WindowRule::even;
    f.sizes = {{"vocab_size", 256000},    {"hidden_size", 2304},      {"intermediate_size", 9216},
               {"num_hidden_layers", 26}, {"num_attention_heads", 8}, {"num_key_value_heads", 4},
               {"head_dim", 256},         {"sliding_window", 4096}};
}
void gemma3(Family& f) {
    gemma2(f);
    f.qk_norm = QkNorm::per_head;
    f.sizes["vocab_size"] = 262208;
    f.sizes["sliding_window_pattern"] = 6;
}
void gemma4(Family& f) {
    f.tied = true;
    f.norm_vectors = 4;
    f.qk_norm = QkNorm::per_head;
}
void jamba(Family& f) { f.window = WindowRule::none; }
void nemotron_h(Family& f) {
    f.norm_vectors = 1;
    f.gated = false;
    f.correction_bias = true;
    f.window = WindowRule::none;
}
void llama4(Family& f) { f.window = WindowRule::chunked; }
void mimo(Family& f) { f.correction_bias = true; }
void arctic(Family& f) { f.norm_vectors = 3; }
void cohere(Family& f) {
    f.tied = true;
    f.norm_vectors = 1;  // attention and feed-forward side by side behind one norm
}
void dots1(Family& f) {
    f.qk_norm = QkNorm::per_head;
    f.correction_bias = true;
    f.window = WindowRule::switched;
}

const std::vector<std::pair<std::string_view, Habits>>& by_model_type() {
    static const std::vector<std::pair<std::string_view, Habits>> table = {
        {"llama", llama},
        {"mistral", llama},
        {"mixtral", llama},
        {"phi3", llama},
        {"nemotron-nas", llama},
        {"deci", llama},
        {"dbrx", llama},
        {"qwen2", qwen2},
        {"qwen2_moe", qwen2_moe},
        {"qwen3", qwen3},
        {"qwen3_moe", qwen3},
        {"qwen3_next", qwen3_next},
        {"qwen3_5_moe", qwen3_next},
        {"qwen3_5_moe_text", qwen3_next},
        {"qwen3_5", qwen3_next},
        {"qwen3_5_text", qwen3_next},
        {"deepseek", llama},
        {"deepseek_v2", llama},
        {"deepseek_v3", deepseek_v3},
        {"deepseek_v32", deepseek_v3},
        {"kimi_k2", deepseek_v3},
        {"glm4_moe", glm4_moe_fp32},
        {"glm4_moe_lite", glm4_moe},
        {"glm_moe_dsa", glm4_moe},
        {"gpt_oss", gpt_oss},
        {"minimax_m2", minimax_m2},
        {"minimax_m1", minimax_m2},
        {"minimax_text_01", minimax_m2},
        {"minimax", minimax_m2},
        {"grok-1", grok},
        {"olmoe", olmoe},
        {"phimoe", phimoe},
        {"granite", granite},
        {"granitemoe", granite},
        {"granitemoeshared", granite},
        {"gemma", gemma},
        {"gemma2", gemma2},
        {"gemma3", gemma3},
        {"gemma3_text", gemma3},
        {"gemma4", gemma4},
        {"gemma4_text", gemma4},
        {"jamba", jamba},
        {"nemotron_h", nemotron_h},
        {"llama4", llama4},
        {"llama4_text", llama4},
        {"mimo_v2_flash", mimo},
        {"arctic", arctic},
        {"cohere", cohere},
        {"cohere2", cohere},
        {"olmo2", olmoe},
        {"smollm3", granite},
        {"dots1", dots1},
        {"qwen2_vl", qwen2},
        {"qwen2_5_vl", qwen2},
        {"qwen2_5_vl_text", qwen2},
        {"qwen3_vl_text", qwen3},
        {"qwen3_vl_moe_text", qwen3},
        {"ministral3", llama},
        {"mistral3", llama},
        {"kimi_k25", deepseek_v3},
        {"switch_transformers", llama},
    };
    return table;
}

// Class names that tell more than the model_type beside them.
const std::vector<std::pair<std::string_view, std::string_view>>& by_architecture() {
    static const std::vector<std::pair<std::string_view, std::string_view>> table = {
        {"Grok1ModelForCausalLM", "grok-1"},
        {"Grok1ForCausalLM", "grok-1"},
        {"Glm4MoeForCausalLM", "glm4_moe"},
        {"GlmMoeDsaForCausalLM", "glm_moe_dsa"},
        {"MiniMaxM2ForCausalLM", "minimax_m2"},
        {"MiniMaxM1ForCausalLM", "minimax_m1"},
        {"MiniMaxText01ForCausalLM", "minimax_text_01"},
        {"DeciLMForCausalLM", "nemotron-nas"},
        {"NemotronHForCausalLM", "nemotron_h"},
        {"PhiMoEForCausalLM", "phimoe"},
        {"ArcticForCausalLM", "arctic"},
    };
    return table;
}

}  // namespace

Family find_family(std::string_view model_type, const std::vector<std::string>& architectures) {
    Family family;
    std::string_view name = model_type;
    for (const auto& architecture : architectures) {
        for (const auto& [class_name, type] : by_architecture()) {
            if (class_name == architecture) name = type;
        }
    }
    family.name = std::string(name);
    for (const auto& [type, habits] : by_model_type()) {
        if (type != name) continue;
        family.known = true;
        habits(family);
    }
    return family;
}

}  // namespace moeplan
