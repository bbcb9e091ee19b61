// Cache bytes and FLOPs against hand-worked numbers.

#include "tests/model/support.h"

namespace moeplan {
namespace {

double kv(const std::string& name, NumberFormat format = NumberFormat::bf16) {
    return kv_bytes_per_token(from_catalog(name), format).value;
}

double kv_of(const ModelSpec& model, double context) {
    return kv_bytes_per_sequence(model, NumberFormat::bf16, context).value;
}

}  // namespace

TEST_CASE("a multi-head cache keeps a key and a value per head") {
    CHECK(kv("meta-llama--Llama-2-7b-hf") == 2 * 32 * 128 * 32 * 2);  // 524,288
}

TEST_CASE("a grouped-query cache keeps key-value heads only") {
    CHECK(kv("meta-llama--Meta-Llama-3-70B") == 2 * 8 * 128 * 80 * 2);
    CHECK(kv("mistralai--Mixtral-8x7B-v0.1") == 2 * 8 * 128 * 32 * 2);
    CHECK(kv("meta-llama--Meta-Llama-3-70B", NumberFormat::fp8) == 8 * 128 * 80 * 2);
}

TEST_CASE("a multi-query cache keeps one head") {
    auto config = catalog_config("meta-llama--Llama-2-7b-hf");
    config["num_key_value_heads"] = 1;
    CHECK(kv_bytes_per_token(imported(config), NumberFormat::bf16).value == 2 * 1 * 128 * 32 * 2);
}

TEST_CASE("a latent cache keeps the latent and the rotary key, whatever the heads") {
    CHECK(kv("deepseek-ai--DeepSeek-V3") == (512 + 64) * 61 * 2);  // 70,272
    CHECK(kv("deepseek-ai--DeepSeek-V2-Lite") == (512 + 64) * 27 * 2);
    auto more_heads = catalog_config("deepseek-ai--DeepSeek-V3");
    more_heads["num_attention_heads"] = 256;
    CHECK(kv_bytes_per_token(imported(more_heads), NumberFormat::bf16).value == 70272);
}

TEST_CASE("sparse attention adds the indexer's key of 128 fp8 bytes and one fp32 scale") {
    CHECK(kv("deepseek-ai--DeepSeek-V3.2") == 70272 + 61 * (128 + 4));
    CHECK(kv("deepseek-ai--DeepSeek-V3.2", NumberFormat::fp8) == 70272 / 2 + 61 * (128 + 4));
}

TEST_CASE("a sliding window cuts the cache of its layers") {
    const auto mistral = from_catalog("mistralai--Mistral-7B-v0.1");  // window 4096 on every layer
    const double per_token = 2 * 8 * 128 * 32 * 2;
    CHECK(kv_of(mistral, 1000) == 1000 * per_token);
    CHECK(kv_of(mistral, 4096) == 4096 * per_token);
    CHECK(kv_of(mistral, 100000) == 4096 * per_token);
    const auto oss = from_catalog("openai--gpt-oss-120b");  // 18 of 36 layers with a window of 128
    CHECK(kv_of(oss, 8192) == (18 * 128 + 18 * 8192) * 2.0 * 8 * 64 * 2);
    const auto gemma = from_catalog("google--gemma-3-1b-it");  // 22 of 26 layers, window 512, 1 head of 256
    CHECK(kv_of(gemma, 32768) == (22 * 512 + 4 * 32768) * 2.0 * 256 * 2);
}

TEST_CASE("a linear state costs the same at any context") {
    const auto model = from_catalog("Qwen--Qwen3-Next-80B-A3B");  // 12 full layers, 36 gated delta nets
    const double full = 12 * 2.0 * 2 * 256 * 2;
    // 32 value heads of 128 x 128 in fp32; convolution over (2*16 + 32)*128 channels, 3 tokens, bf16.
    const double state = 36 * (32.0 * 128 * 128 * 4 + (2 * 16 * 128 + 32 * 128) * 3 * 2);
    CHECK(kv_bytes_per_token(model, NumberFormat::bf16).value == full);
    CHECK(kv_of(model, 0) == state);
    CHECK(kv_of(model, 10000) == state + 10000 * full);
}

TEST_CASE("Mamba layers keep a state and attention layers a cache") {
    const auto jamba = from_catalog("ai21labs--AI21-Jamba-1.5-Mini");  // 4 attention layers of 32
    CHECK(kv_bytes_per_token(jamba, NumberFormat::bf16).value == 4 * 2 * 8 * 128 * 2);
    CHECK(kv_of(jamba, 0) == 28 * (8192.0 * 16 * 4 + 8192 * 3 * 2));
    const auto nano = from_catalog("nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-BF16");  // 6 attention, 23 Mamba-2
    CHECK(kv_bytes_per_token(nano, NumberFormat::bf16).value == 6 * 2 * 2 * 128 * 2);
    CHECK(kv_of(nano, 0) == 23 * (64.0 * 64 * 128 * 4 + (64 * 64 + 2 * 8 * 128) * 3 * 2));
}

TEST_CASE("shared keys and values are kept once") {
    const auto gemma =
        from_catalog("google--gemma-4-26B-A4B");  // 5 full layers of 2 heads x 512, keys are values
    CHECK(kv_bytes_per_token(gemma, NumberFormat::bf16).value == 5 * 2 * 512 * 2 + 25 * 2 * 8 * 256 * 2);
}

TEST_CASE("the cache of a sequence never shrinks as it grows") {
    for (const auto* name : {"google--gemma-2-9b-it", "Qwen--Qwen3.5-35B-A3B", "deepseek-ai--DeepSeek-V3.2",
                             "google--switch-base-128"}) {
        const auto model = from_catalog(name);
        double last = -1;
        for (const double context : {0.0, 1.0, 100.0, 1024.0, 4096.0, 131072.0}) {
            CHECK(kv_of(model, context) >= last);
            last = kv_of(model, context);
        }
    }
}

TEST_CASE("FLOPs of a dense token are twice its matrices plus the attended keys") {
    const auto model = from_catalog("meta-llama--Llama-2-7b-hf");
    // Per layer 4*4096^2 + 3*4096*11008 weights, the head 32000*4096; 32 heads of 128 over 1000 keys,
    // scores and values.
    const double weights = 32 * (4 * 4096.0 * 4096 + 3 * 4096.0 * 11008) + 32000.0 * 4096;
    const double attention = 32 * 2.0 * 32 * (128 + 128) * 1000;
    CHECK(flops_per_output_token(model, 999).value == 2 * weights + attention);
}

TEST_CASE("FLOPs of an MoE token count top_k experts and the router") {
    const auto model = from_catalog("mistralai--Mixtral-8x7B-v0.1");
    const double layer = 2 * 4096.0 * 4096 + 2 * 4096.0 * 1024 + 4096.0 * 8 + 2 * 3 * 4096.0 * 14336;
    const double weights = 32 * layer + 32000.0 * 4096;
    CHECK(flops_per_output_token(model, 0).value == 2 * weights + 32 * 2.0 * 32 * 256);
}

TEST_CASE("latent attention is counted in its absorbed form, cut by the indexer") {
    const auto v3 = from_catalog("deepseek-ai--DeepSeek-V3");
    const double grown = flops_per_output_token(v3, 5000).value - flops_per_output_token(v3, 4000).value;
    CHECK(grown == Approx(61 * 2.0 * 128 * (512 + 64 + 512) * 1000));
    const auto v32 = from_catalog("deepseek-ai--DeepSeek-V3.2");  // beyond 2048 only the indexer grows
    const double indexed = flops_per_output_token(v32, 5000).value - flops_per_output_token(v32, 4000).value;
    CHECK(indexed == Approx(61 * 2.0 * 64 * 128 * 1000));
}

TEST_CASE("FLOPs stop growing once every layer's window is full") {
    const auto model = from_catalog("mistralai--Mistral-7B-v0.1");
    CHECK(flops_per_output_token(model, 5000).value == flops_per_output_token(model, 50000).value);
    CHECK(flops_per_output_token(model, 1000).value < flops_per_output_token(model, 2000).value);
}

TEST_CASE("an encoder costs parameters but no FLOPs per output token") {
    auto config = catalog_config("google--switch-base-128");
    const auto base = imported(config);
    config["num_layers"] = 24;
    const auto deeper = imported(config);
    CHECK(count_parameters(deeper).total > count_parameters(base).total);
    CHECK(flops_per_output_token(deeper, 100).value == flops_per_output_token(base, 100).value);
}

}  // namespace moeplan
