// What a config.json becomes: sizes follow keys, not names.

#include "tests/model/support.h"

namespace moeplan {
namespace {

const MoeFfn& moe_of(const ModelSpec& model) {
    REQUIRE(model.moe());
    return *model.moe();
}

}  // namespace

TEST_CASE("a model of an unknown name is read by its keys") {
    auto config = catalog_config("mistralai--Mixtral-8x7B-v0.1");
    const double known = count_parameters(imported(config)).total;
    config["model_type"] = "nobody_knows";
    config["architectures"] = {"NobodyKnowsForCausalLM"};
    const auto model = imported(config);
    CHECK(count_parameters(model).total == known);
    REQUIRE_FALSE(model.notes.empty());
    CHECK_THAT(model.notes.front(), ContainsSubstring("nobody_knows"));
}

TEST_CASE("keys that change sizes change the count") {
    auto config = catalog_config("mistralai--Mixtral-8x7B-v0.1");
    const auto before = count_parameters(imported(config));
    config["num_local_experts"] = 16;
    CHECK(count_parameters(imported(config)).routed_experts == 2 * before.routed_experts);
    config["num_local_experts"] = 8;
    config["num_experts_per_tok"] = 4;
    CHECK(count_parameters(imported(config)).active_all - before.active_all == 32 * 2 * 3 * 4096.0 * 14336);
    config["head_dim"] = 256;
    CHECK(count_parameters(imported(config)).attention == 2 * before.attention);
}

TEST_CASE("harmless keys change nothing") {
    auto config = catalog_config("meta-llama--Meta-Llama-3-8B");
    const auto before = count_parameters(imported(config)).total;
    for (const auto* text :
         {R"({"sequence_parallel_enabled":true})",
          R"({"rope_parameters":{"rope_theta":1,"rope_type":"default"}})",
          R"({"auto_map":{"AutoConfig":"x"}})", R"({"pad_token_id":128009})", R"({"attention_dropout":0.1})",
          R"({"time_step_limit":[0.0,1.0]})", R"({"torch_dtype":"float16"})", R"({"pretraining_tp":4})",
          R"({"generation":{}})"}) {
        auto more = config;
        more.update(nlohmann::json::parse(text));
        INFO(text);
        CHECK(count_parameters(imported(more)).total == before);
    }
}

TEST_CASE("a changed architecture does not slip through") {
    auto config = catalog_config("mistralai--Mixtral-8x7B-v0.1");
    config["num_memory_layers"] = 4;
    config["adapter_rank"] = 64;
    const auto text = refusal(config);
    CHECK_THAT(text, ContainsSubstring("num_memory_layers"));
    CHECK_THAT(text, ContainsSubstring("adapter_rank"));
}

TEST_CASE("an unknown family whose feed-forward may not be gated is refused") {
    auto config = catalog_config("meta-llama--Meta-Llama-3-8B");  // with the keys of Pythia or Phi-2
    config["model_type"] = "gpt_neox";
    config["architectures"] = {"GPTNeoXForCausalLM"};
    config["hidden_act"] = "gelu";
    CHECK_THAT(refusal(config), ContainsSubstring("hidden_act") && ContainsSubstring("gated"));
}

TEST_CASE("keys inside nested attention and expert objects are judged too") {
    auto config = catalog_config("databricks--dbrx-base");
    config["ffn_config"]["moe_shared_experts"] = 2;
    config["attn_config"]["kv_lora_rank"] = 512;
    const auto text = refusal(config);
    CHECK_THAT(text, ContainsSubstring("ffn_config.moe_shared_experts"));
    CHECK_THAT(text, ContainsSubstring("attn_config.kv_lora_rank"));
}

TEST_CASE("a family that is not understood is refused by the keys that could not be placed") {
    // DeepSeek-V4-Flash, the keys that decide. Source: its config.json.
    const auto config = nlohmann::json::parse(R"({
        "architectures": ["DeepseekV4ForCausalLM"], "model_type": "deepseek_v4", "hidden_size": 4096, "head_dim": 512,
        "num_attention_heads": 64, "num_key_value_heads": 1, "num_hidden_layers": 4, "moe_intermediate_size": 2048,
        "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 6, "vocab_size": 129280,
        "hc_eps": 1e-06, "hc_mult": 4, "hc_sinkhorn_iters": 20, "index_head_dim": 128, "index_n_heads": 64,
        "index_topk": 512, "num_hash_layers": 3, "o_groups": 8, "o_lora_rank": 1024, "q_lora_rank": 1024,
        "qk_rope_head_dim": 64, "sliding_window": 128, "compress_ratios": [0, 0, 4, 128], "rope_theta": 10000,
        "topk_method": "noaux_tc", "tie_word_embeddings": false})");
    const auto text = refusal(config);
    for (const auto* key : {"compress_ratios", "hc_mult", "o_groups", "o_lora_rank", "num_hash_layers"}) {
        CHECK_THAT(text, ContainsSubstring(key));
    }
    for (const auto* key : {"rope_theta", "hc_eps", "vocab_size", "n_routed_experts"}) {
        CHECK_THAT(text, !ContainsSubstring(key));
    }
}

TEST_CASE("dense layers before and between the experts are found by each family's keys") {
    CHECK(from_catalog("deepseek-ai--DeepSeek-V3").moe_layer_count() == 58);  // first_k_dense_replace 3
    CHECK(from_catalog("meta-llama--Llama-4-Maverick-17B-128E-Instruct").moe_layer_count() ==
          24);  // every second
    CHECK(from_catalog("meta-llama--Llama-4-Scout-17B-16E-Instruct").moe_layer_count() == 48);
    CHECK(from_catalog("ai21labs--AI21-Jamba-1.5-Mini").moe_layer_count() == 16);  // expert_layer_period 2
    CHECK(from_catalog("XiaomiMiMo--MiMo-V2-Flash").moe_layer_count() == 47);      // moe_layer_freq list
    CHECK(from_catalog("nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-BF16").moe_layer_count() == 23);
    CHECK(from_catalog("google--switch-base-128").moe_layer_count() == 12);  // 6 and 6
    auto air = catalog_config("zai-org--GLM-4.5-Air");
    air["decoder_sparse_step"] = 2;  // its published file has both; first_k_dense_replace decides
    CHECK(imported(air).moe_layer_count() == 45);
    auto sparse = catalog_config("Qwen--Qwen3-30B-A3B");
    sparse["decoder_sparse_step"] = 2;
    sparse["mlp_only_layers"] = {1, 3};
    CHECK(imported(sparse).moe_layer_count() == 22);
}

TEST_CASE("shared experts come from a count, a width or a gate") {
    CHECK(moe_of(from_catalog("deepseek-ai--DeepSeek-V2")).shared_width == 2 * 1536);
    const auto qwen = from_catalog("Qwen--Qwen1.5-MoE-A2.7B");
    CHECK(moe_of(qwen).shared_width == 5632);
    CHECK(moe_of(qwen).shared_gate);
    CHECK(std::get<SoftmaxAttention>(qwen.layers.front().mixer).qkv_bias);
    CHECK(moe_of(from_catalog("nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-BF16")).shared_width == 3712);
    CHECK(moe_of(from_catalog("mistralai--Mixtral-8x7B-v0.1")).shared_width == 0);
    CHECK(moe_of(from_catalog("MiniMaxAI--MiniMax-M2.5")).shared_width == 0);
    CHECK(moe_of(from_catalog("MiniMaxAI--MiniMax-M2.5")).fp32_router);
    CHECK(moe_of(from_catalog("zai-org--GLM-4.5")).fp32_router);
    CHECK_FALSE(moe_of(from_catalog("deepseek-ai--DeepSeek-V3")).fp32_router);
}

TEST_CASE("nested attention and expert sizes are read") {
    const auto dbrx = from_catalog("databricks--dbrx-base");
    CHECK(moe_of(dbrx).experts == 16);
    CHECK(moe_of(dbrx).top_k == 4);
    CHECK(std::get<SoftmaxAttention>(dbrx.layers.front().mixer).kv_heads == 8);
    CHECK(dbrx.max_context == 32768);
}

TEST_CASE("lightning attention layers are told from softmax layers") {
    auto config = catalog_config("MiniMaxAI--MiniMax-M2.5");
    config["architectures"] = {"MiniMaxM1ForCausalLM"};
    config["model_type"] = "minimax_m1";
    config["num_hidden_layers"] = 8;
    config["attn_type_list"] = {0, 0, 0, 0, 0, 0, 0, 1};
    for (const auto* key : {"use_qk_norm", "qk_norm_type"}) config.erase(key);
    const auto model = imported(config);
    REQUIRE(model.layers.size() == 2);
    CHECK(model.layers[0].count == 7);
    CHECK(std::get<LinearState>(model.layers[0].mixer).kind == StateKind::lightning);
    CHECK(std::get<LinearState>(model.layers[0].mixer).state_elements == 48 * 128 * 128);
    config["attn_type_list"] = {0, 1};
    CHECK_THAT(refusal(config),
               ContainsSubstring("attn_type_list") && ContainsSubstring("one for each of the 8 layers"));
}

TEST_CASE("experts on a latent are narrower than the model and cost two projections") {
    auto config = catalog_config("nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-BF16");
    const auto before = count_parameters(imported(config));
    config["moe_latent_size"] = 1344;
    const auto after = count_parameters(imported(config));
    CHECK(after.routed_experts == before.routed_experts / 2);
    CHECK(after.dense_ffn - before.dense_ffn == 23 * 2 * 2688.0 * 1344);
}

TEST_CASE("absent keys of Gemma 3 are its config class's defaults and said so") {
    // google/gemma-3-4b-it as published writes only what differs from the defaults.
    const auto config = nlohmann::json::parse(R"({"architectures": ["Gemma3ForConditionalGeneration"],
        "model_type": "gemma3", "text_config": {"hidden_size": 2560, "intermediate_size": 10240,
        "model_type": "gemma3_text", "num_hidden_layers": 34, "sliding_window": 1024,
        "rope_scaling": {"factor": 8.0, "rope_type": "linear"}}, "vision_config": {"hidden_size": 1152}})");
    const auto model = imported(config);
    CHECK(count_parameters(model).total / 1e9 == Approx(3.88).epsilon(0.001));
    CHECK(model.vocab == 262208);
    CHECK(model.tied_embeddings);
    CHECK(model.layers[0].count == 29);  // every sixth of 34 layers sees everything
    CHECK_THAT(model.notes.front(), ContainsSubstring("vocab_size"));
}

TEST_CASE("Nemotron-NAS blocks without attention or with other widths are kept apart") {
    const auto model = from_catalog("nvidia--Llama-3_3-Nemotron-Super-49B-v1");
    CHECK(model.layer_count() == 80);
    std::int64_t without = 0;
    for (const auto& group : model.layers) {
        if (std::holds_alternative<NoMixer>(group.mixer)) without += group.count;
    }
    CHECK(without == 31);  // 49 of 80 blocks keep attention: 2*8*128*49*2 bytes per token
    CHECK(kv_bytes_per_token(model, NumberFormat::bf16).value == 2 * 8 * 128 * 49 * 2);
}

TEST_CASE("importing is the same every time") {
    const auto text = catalog_config("Qwen--Qwen3.5-397B-A17B").dump();
    CHECK(*import_config_json(text, "a") == *import_config_json(text, "a"));
}

}  // namespace moeplan
