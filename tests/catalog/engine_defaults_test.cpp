// What a server started without flags takes on which device.
#include "core/catalog/catalog.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

EngineSpec started(const char* engine, const char* device, const Catalog& catalog = builtin_catalog()) {
    REQUIRE(catalog.engine(engine));
    REQUIRE(catalog.device(device));
    return on_device(*catalog.engine(engine), *catalog.device(device));
}

}  // namespace

TEST_CASE("vLLM takes 8192 tokens and 1024 sequences from 70 GiB on, unless it is an A100") {
    for (const char* large : {"h100_sxm", "h100_pcie", "h200_sxm", "b200_sxm", "rtx_pro_6000", "mi300x"}) {
        INFO(large);
        CHECK(started("vllm", large).token_budget == 8192);
        CHECK(started("vllm", large).max_sequences == 1024);
    }
    for (const char* small : {"a100_sxm", "a100_pcie", "a100_sxm_40gb", "rtx_4090", "l40s", "a10", "t4"}) {
        INFO(small);
        CHECK(started("vllm", small).token_budget == 2048);
        CHECK(started("vllm", small).max_sequences == 256);
    }
}

TEST_CASE("SGLang's chunks grow with the memory of the device") {
    CHECK(started("sglang", "rtx_4090").token_budget == 2048);
    CHECK(started("sglang", "l40s").token_budget == 4096);
    CHECK(started("sglang", "a100_sxm").token_budget == 8192);
    CHECK(started("sglang", "h200_sxm").token_budget == 8192);
    CHECK(started("sglang", "b200_sxm").token_budget == 16384);
    CHECK(started("sglang", "rtx_4090").max_sequences == builtin_catalog().engine("sglang")->max_sequences);
}

TEST_CASE("An engine without such defaults is the same everywhere") {
    const EngineSpec& known = *builtin_catalog().engine("tensorrt_llm");
    CHECK(started("tensorrt_llm", "rtx_4090").token_budget == known.token_budget);
    CHECK(started("tensorrt_llm", "rtx_4090").max_sequences == known.max_sequences);
}

TEST_CASE("The first of an engine's defaults that a device falls under holds") {
    EngineSpec engine;
    engine.max_sequences = 8;
    engine.token_budget = 100;
    engine.on_devices = {{{10e9}, {}, 1, {}}, {{20e9}, {"slow"}, {}, 50}};
    DeviceSpec device;
    device.id = "fast_one";
    device.memory = {30e9};
    CHECK(on_device(engine, device).token_budget == 100);
    device.visible = {15e9};   // what software sees counts
    CHECK(on_device(engine, device).token_budget == 50);
    CHECK(on_device(engine, device).max_sequences == 8);
    device.visible = {5e9};
    CHECK(on_device(engine, device).token_budget == 100);
    CHECK(on_device(engine, device).max_sequences == 1);
    device.visible = {30e9};
    device.id = "a_slow_one";
    CHECK(on_device(engine, device).token_budget == 50);
}

TEST_CASE("A user's engine says its own defaults, and a budget given anew holds on every device") {
    const Scratch folder;
    folder.file("engines.yaml", "vllm:\n  token_budget: 4096\n  sources:\n    - {of: [token_budget], source: mine}\n"
                                "sglang:\n  on_devices:\n    - {below: 1 TB, token_budget: 77}\n");
    const auto catalog = catalog_with(folder.path().string());
    if (!catalog) UNSCOPED_INFO(to_text(catalog.error().front()));
    REQUIRE(catalog);
    CHECK(started("vllm", "rtx_4090", *catalog).token_budget == 4096);
    CHECK(started("vllm", "rtx_4090", *catalog).max_sequences == 256);
    CHECK(started("sglang", "h100_sxm", *catalog).token_budget == 77);
}

TEST_CASE("An engine says what its whole steps are off by, a ratio around 1") {
    const auto with = [](const std::string& error) {
        const Scratch folder;
        folder.file("engines.yaml", "vllm:\n  step_error: " + error + "\n  sources:\n    - {of: [step_error], source: mine}\n");
        return catalog_with(folder.path().string());
    };
    const auto catalog = with("{low: 0.7, high: 1.5}");
    REQUIRE(catalog);
    CHECK(catalog->engine("vllm")->step_error == Estimate{1, 0.7, 1.5});
    CHECK(builtin_catalog().engine("ideal")->step_error.is_exact());
    for (const char* wrong : {"{low: 1.2, high: 1.5}", "{low: 0.7, high: 0.9}", "{low: 0.7, high: 1.5, most: 2}"}) {
        const auto refused = with(wrong);
        REQUIRE_FALSE(refused);
        CHECK_THAT(refused.error().front().where, ContainsSubstring("engines.yaml:2"));
    }
}

TEST_CASE("A misspelt key among an engine's defaults is named") {
    const Scratch folder;
    folder.file("engines.yaml", "vllm:\n  on_devices:\n    - {below: 70 GiB, tokens: 5}\n");
    const auto catalog = catalog_with(folder.path().string());
    REQUIRE_FALSE(catalog);
    CHECK_THAT(to_text(catalog.error().front()), ContainsSubstring("tokens"));
}

TEST_CASE("One GPU under vLLM keeps what the server prints; several keep together what was measured of several") {
    const EngineSpec& vllm = *builtin_catalog().engine("vllm");
    constexpr double kMiB = 1024.0 * 1024.0;
    CHECK(vllm.reserved.value == Approx((0.07 + 0.65) * 1024 * kMiB).epsilon(0.001));
    CHECK((vllm.reserved + vllm.communicator).value == Approx(3.5 * 1024 * kMiB + 392 * kMiB));
}
