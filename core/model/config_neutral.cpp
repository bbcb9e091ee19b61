#include "core/model/config_neutral.h"

#include <algorithm>
#include <array>
#include <set>

#include <nlohmann/json.hpp>

namespace moeplan {
namespace {

const std::set<std::string_view>& neutral_names() {
    static const std::set<std::string_view> names = {
        "_name_or_path",
        "_attn_implementation",
        "_commit_hash",
        "architectures",
        "auto_map",
        "model_type",
        "dtype",
        "torch_dtype",
        "transformers_version",
        "use_cache",
        "cache_implementation",
        "bad_words_ids",
        "chunk_size",
        "chunk_size_feed_forward",
        "clip_qkv",
        "context_window_size",
        "prefill_chunk_size",
        "attention_sink_size",
        "custom_pipelines",
        "ep_size",
        "expert_dtype",
        "forced_bos_token_id",
        "gradient_checkpointing",
        "hidden_act",
        "hidden_activation",
        "mlp_hidden_act",
        "mamba_hidden_act",
        "activation_function",
        "feed_forward_proj",
        "id2label",
        "label2id",
        "num_labels",
        "problem_type",
        "is_decoder",
        "is_encoder_decoder",
        "keys_to_ignore_at_inference",
        "layer_norm_type",
        "max_length",
        "min_length",
        "max_position_embeddings",
        "max_seq_len",
        "model_max_length",
        "max_sequence_length",
        "n_positions",
        "norm_topk_prob",
        "norm_topk_probs",
        "normalize_router_weights",
        "moe_normalize_expert_weights",
        "num_logits_to_keep",
        "num_return_sequences",
        "num_beams",
        "num_beam_groups",
        "original_max_position_embeddings",
        "initial_context_length",
        "output_attentions",
        "output_hidden_states",
        "output_router_logits",
        "pretraining_tp",
        "partial_rotary_factor",
        "rotary_dim",
        "rotary_pct",
        "rotary_emb_base",
        "position_embedding_type",
        "query_pre_attn_scalar",
        "quantization_config",
        "compression_config",
        "rescale_prenorm_residual",
        "residual_in_fp32",
        "return_dict",
        "router_dtype",
        "scoring_func",
        "moe_router_activation_func",
        "seq_aux",
        "selective_checkpoint_enabled",
        "sequence_parallel_enabled",
        "seq_length",
        "seq_len",
        "swiglu_limit",
        "task_specific_params",
        "tensor_parallel_degree",
        "tokenizer_class",
        "top_k",
        "top_p",
        "topk_method",
        "torchscript",
        "use_bfloat16",
        "use_mamba_kernels",
        "use_mrope",
        "use_mtp",
        "use_bidirectional_attention",
        "use_grouped_mm",
        "use_flash_attention",
        "vision_config",
        "audio_config",
        "sound_config",
        "mamba_ssm_cache_dtype",
        "mamba_ssm_dtype",
        "mtp_use_dedicated_embeddings",
        "mtp_hybrid_override_pattern",
        "mtp_layers_block_type",
        "mtp_num_layers",
        "mtp_transformer_layers",
        "num_mtp_modules",
        "num_nextn_predict_layers",
        "num_mtp_layers",
        "mtp_num_hidden_layers",
        "mm_tokens_per_image",
        "vision_soft_tokens_per_image",
        "postnorm",
        "shared_moe_mode",
        "no_repeat_ngram_size",
        "encoder_no_repeat_ngram_size",
        "block_size",
        "num_local_experts_per_rank",
        "moe_shared_expert_overlap",
        "for_llm_compressor",
        "floor_scale",
        "ffn_act_fn",
        "attn_scale",
        "vocab_size_per_layer_input",
        "for_training",
        "use_parallel_residual_scale",
        "enable_expert_tensor_parallelism",
        "moe_train_capacity_factor",
        "moe_eval_capacity_factor",
        "moe_min_capacity",
        "moe_token_dropping",
        "use_residual",
        "max_window_layers",
        "temporal_patch_size",
        "layernorm_full_attention_alpha",
        "vision_feature_layer",
        "image_seq_length",
        "image_grid_pinpoints",
        "kv_cache_scheme",
        "mamba_proj_bias",
        "expand",
        "pruned_heads",
        "prefix",
        "finetuning_task",
        "length_penalty",
        "repetition_penalty",
        "temperature",
        "typical_p",
        "diversity_penalty",
        "do_sample",
        "early_stopping",
        "sep_token_id",
        "suppress_tokens",
        "begin_suppress_tokens",
        "tf_legacy_loss",
        "add_cross_attention",
        "cross_attention_hidden_size",
        "remove_invalid_values",
        "exponential_decay_length_penalty",
    };
    return names;
}

constexpr std::array kNeutralParts = {
    "rope",        "dropout",     "pdrop",       "token_id",   "token_index", "loss",     "coef",
    "theta",       "epsilon",     "initializer", "jitter",     "softcap",     "scaling",  "_scale",
    "multiplier",  "temperature", "tuning",      "layernorm_", "time_step",   "sinkhorn", "alpha_factor",
    "beta_factor", "_eps",        "_init",       "capacity",   "base_freq",   "aux_"};

constexpr std::array kSizeWords = {
    "size",     "sizes",    "dim",    "dims",         "width",     "rank",     "layer",      "layers",
    "head",     "heads",    "expert", "experts",      "num",       "n",        "ratio",      "ratios",
    "mult",     "pattern",  "inter",  "intermediate", "hidden",    "ffn",      "mlp",        "moe",
    "group",    "groups",   "kernel", "conv",         "state",     "expand",   "block",      "blocks",
    "depth",    "kv",       "types",  "shared",       "latent",    "channels", "period",     "step",
    "interval", "freq",     "vocab",  "hash",         "lora",      "memory",   "bottleneck", "index",
    "ssm",      "compress", "linear", "attn",         "attention", "gate",     "bias"};

bool speaks_of_sizes(std::string_view key) {
    std::size_t at = 0;
    while (at <= key.size()) {
        const std::size_t end = std::min(key.find('_', at), key.size());
        const auto word = key.substr(at, end - at);
        if (std::any_of(kSizeWords.begin(), kSizeWords.end(), [&](auto w) { return word == w; })) return true;
        at = end + 1;
    }
    return false;
}

}  // namespace

bool is_neutral_key(std::string_view key) {
    if (neutral_names().contains(key)) return true;
    return std::any_of(kNeutralParts.begin(), kNeutralParts.end(),
                       [&](std::string_view part) { return key.find(part) != std::string_view::npos; });
}

bool may_change_sizes(std::string_view key, const nlohmann::json& value, bool family_is_known) {
    if (is_neutral_key(key) || value.is_null() || value == false || value.empty()) return false;
    const bool named = speaks_of_sizes(key);
    if (value.is_number()) {
        const double n = value.get<double>();
        if (n == 0) return false;
        const bool count = n >= 1 && n == static_cast<double>(static_cast<long long>(std::min(n, 9e18)));
        return named || (!family_is_known && count && n > 1);
    }
    if (value.is_string())
        return key.find("pattern") != std::string_view::npos || key.find("types") != std::string_view::npos;
    return named || (!family_is_known && (value.is_array() || value.is_object()));
}

std::vector<std::string> unplaced_keys(const ConfigReader& keys, bool family_is_known) {
    std::vector<std::string> out;
    for (const auto& [key, value] : keys.leftover()) {
        if (may_change_sizes(key, *value, family_is_known)) out.push_back(key);
    }
    std::sort(out.begin(), out.end());
    return out;
}

void refuse_unplaced_inside(ConfigReader& keys, bool family_is_known) {
    for (const auto& key : unplaced_keys(keys, family_is_known)) {
        keys.problem(key, "may change sizes and is not understood");
    }
}

}  // namespace moeplan
