#include "core/model/precision.h"

#include "tests/model/support.h"

namespace moeplan {

TEST_CASE("a precision's shorthand follows what engines do") {
    const auto moe = from_catalog("mistralai--Mixtral-8x7B-v0.1");
    const auto dense = from_catalog("meta-llama--Meta-Llama-3-8B");
    const auto fp8 = precision_from(NumberFormat::fp8, moe);
    CHECK(fp8.linear == NumberFormat::fp8);
    CHECK(fp8.experts == NumberFormat::fp8);
    CHECK(fp8.embedding == NumberFormat::bf16);
    CHECK(fp8.kv == NumberFormat::bf16);
    CHECK(precision_from(NumberFormat::mxfp4, moe).linear == NumberFormat::bf16);
    CHECK(precision_from(NumberFormat::mxfp4, moe).experts == NumberFormat::mxfp4);
    CHECK(precision_from(NumberFormat::mxfp4, dense).linear == NumberFormat::mxfp4);
    CHECK(precision_from(NumberFormat::q4_k_m, dense).embedding == NumberFormat::q4_k_m);
}

TEST_CASE("a checkpoint's own formats come from its config") {
    const auto oss = native_precision(from_catalog("openai--gpt-oss-20b"));
    CHECK(oss.experts == NumberFormat::mxfp4);
    CHECK(oss.linear == NumberFormat::bf16);
    CHECK(native_precision(from_catalog("deepseek-ai--DeepSeek-V3")).linear == NumberFormat::fp8_block);
    CHECK(native_precision(from_catalog("meta-llama--Llama-2-7b-hf")).linear == NumberFormat::fp16);
    CHECK(native_precision(from_catalog("Qwen--Qwen2.5-0.5B-Instruct")).embedding == NumberFormat::fp32);
}

TEST_CASE("quantized checkpoints of every common method are recognised") {
    auto config = catalog_config("meta-llama--Meta-Llama-3-8B");
    const auto format = [&](const char* quantization) {
        config["quantization_config"] = nlohmann::json::parse(quantization);
        return imported(config).native;
    };
    CHECK(format(R"({"quant_method":"awq","bits":4,"group_size":128})") == NumberFormat::int4_g128);
    CHECK(format(R"({"quant_method":"gptq","bits":8})") == NumberFormat::int8);
    CHECK(format(R"({"quant_method":"fp8"})") == NumberFormat::fp8);
    CHECK(format(R"({"quant_method":"fp8","weight_block_size":[128,128]})") == NumberFormat::fp8_block);
    CHECK(format(R"({"quant_method":"modelopt","quant_algo":"NVFP4"})") == NumberFormat::nvfp4);
    CHECK(
        format(
            R"({"quant_method":"compressed-tensors","config_groups":{"group_0":{"weights":{"num_bits":4,"type":"int"}}}})") ==
        NumberFormat::int4_g128);
    config["quantization_config"] = {{"quant_method", "aqlm"}};
    CHECK_THAT(refusal(config),
               ContainsSubstring("quantization_config.quant_method") && ContainsSubstring("aqlm"));
    config["quantization_config"] = {{"quant_method", "gptq"}, {"bits", 3}};
    CHECK_THAT(refusal(config), ContainsSubstring("expected 4 or 8 bits"));
}

TEST_CASE("a precision is described in a few words") {
    const auto moe = from_catalog("mistralai--Mixtral-8x7B-v0.1");
    CHECK(describe(precision_from(NumberFormat::fp8, moe)) == "fp8");
    CHECK(describe(precision_from(NumberFormat::mxfp4, moe)) == "experts mxfp4, rest bf16");
    auto with_cache = precision_from(NumberFormat::bf16, moe);
    with_cache.kv = NumberFormat::fp8;
    CHECK(describe(with_cache) == "bf16, kv fp8");
}

}  // namespace moeplan
