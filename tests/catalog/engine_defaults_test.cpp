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

TEST_CASE("A step with prompts costs vLLM more on Blackwell's servers, whatever their memory, and a figure given anew holds there too") {
    const EngineSpec& usual = *builtin_catalog().engine("vllm");
    for (const char* device : {"b200_sxm", "gb200", "b300_sxm"}) {
        INFO(device);
        CHECK(started("vllm", device).prefill_overhead_s.value > 5 * usual.prefill_overhead_s.value);
        CHECK(started("vllm", device).token_budget == usual.token_budget);
    }
    for (const char* device : {"h100_sxm", "rtx_5090", "rtx_pro_6000", "a100_sxm"}) CHECK(started("vllm", device).prefill_overhead_s == usual.prefill_overhead_s);
    const Scratch folder;
    folder.file("engines.yaml", "vllm:\n  prefill_overhead: 7 ms\n  sources:\n    - {of: [prefill_overhead], source: mine}\n"
                                "sglang:\n  on_devices:\n    - {also: [h100], prefill_overhead: {value: 4 ms, low: 2 ms, high: 8 ms}}\n");
    const auto catalog = catalog_with(folder.path().string());
    if (!catalog) UNSCOPED_INFO(to_text(catalog.error().front()));
    REQUIRE(catalog);
    CHECK(started("vllm", "b200_sxm", *catalog).prefill_overhead_s.value == Approx(7e-3));
    CHECK(started("sglang", "h100_sxm", *catalog).prefill_overhead_s == Estimate{4e-3, 2e-3, 8e-3});
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

TEST_CASE("An engine says what its whole steps and first tokens are off by, ratios around 1") {
    const auto with = [](const std::string& error) {
        const Scratch folder;
        folder.file("engines.yaml", "vllm:\n  step_error: " + error + "\n  first_token_error: {low: 0.5, high: 2}\n  sources:\n    - {of: [step_error, first_token_error], source: mine}\n");
        return catalog_with(folder.path().string());
    };
    const auto catalog = with("{low: 0.7, high: 1.5}");
    REQUIRE(catalog);
    CHECK(catalog->engine("vllm")->step_error == Estimate{1, 0.7, 1.5});
    CHECK(catalog->engine("vllm")->first_token_error == Estimate{1, 0.5, 2});
    CHECK(builtin_catalog().engine("ideal")->step_error.is_exact());
    CHECK(builtin_catalog().engine("ideal")->first_token_error.is_exact());
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

TEST_CASE("Versions are told by their numbers alone") {
    const auto parts = [](const char* text) { return parse_engine_version(text).value().parts; };
    CHECK(parts("0.12.0") == std::array{0, 12, 0});
    CHECK(parts("v0.8.5.post1") == std::array{0, 8, 5});
    CHECK(parts("1.0.0rc3") == std::array{1, 0, 0});
    CHECK(parts("0.10") == std::array{0, 10, 0});
    CHECK(parts("2") == std::array{2, 0, 0});
    CHECK(*parse_engine_version("0.9.2") < *parse_engine_version("0.10"));
    for (const char* none : {"", "newest", "v", ".5", "-1.0", "rc3", "99999999999"}) CHECK_FALSE(parse_engine_version(none));
}

TEST_CASE("An engine of an older version starts with what it took then") {
    const EngineSpec& today = *builtin_catalog().engine("vllm");
    const auto of = [&](const char* version) { return of_version(today, *parse_engine_version(version)); };
    CHECK(of("0.24.0").memory_fraction == today.memory_fraction);
    CHECK(of("0.22.0").memory_fraction == today.memory_fraction);
    CHECK(of("0.21.9").memory_fraction == 0.90);
    CHECK(of("0.21.9").filtering == today.filtering);
    CHECK(of("0.15.1").filtering->bytes_per_logit > 4 * today.filtering->bytes_per_logit);
    CHECK(of("0.15.1").async_scheduling);
    CHECK_FALSE(of("0.13.0").async_scheduling);
    CHECK(of("0.12.0").memory_fraction == 0.90);
    CHECK(of("0.12.0").filtering == of("0.15.1").filtering);
}

TEST_CASE("A catalog of one's own says what versions differ in") {
    const Scratch scratch;
    scratch.file("engines.yaml", R"(vllm:
  memory_fraction: 80 %
  sources: [{of: [memory_fraction], source: ours}]
sglang:
  versions:
    - {before: 0.5, filtering: {kernels: 9, bytes: 90}}
    - {before: "0.4.10", async_scheduling: false}
)");
    const auto catalog = catalog_with(scratch.path().string());
    REQUIRE(catalog);
    CHECK(of_version(*catalog->engine("vllm"), *parse_engine_version("0.12")).memory_fraction == 0.8);
    CHECK_FALSE(of_version(*catalog->engine("vllm"), *parse_engine_version("0.12")).async_scheduling);
    const EngineSpec old = of_version(*catalog->engine("sglang"), *parse_engine_version("0.4.9"));
    CHECK(old.filtering == Filtering{9, 90});
    CHECK_FALSE(old.async_scheduling);
    CHECK(of_version(*catalog->engine("sglang"), *parse_engine_version("0.4.10")).async_scheduling);
}

TEST_CASE("What a catalog of one's own says wrongly of versions is told with its line") {
    for (const auto& [text, said] : std::vector<std::pair<std::string, std::string>>{
             {"[{before: soon, async_scheduling: false}]", "'soon' is not a version"},
             {"[{before: 0.14}, {before: 0.22}]", "from the newest to the oldest"},
             {"[{before: 0.14, filtering: {kernels: 0, bytes: 9}}]", "expected a number from 1"},
             {"[{before: 0.14, filtering: 9}]", "{kernels: 25, bytes: 600}"},
             {"[{before: 0.14, async: false}]", "unknown key 'async'"}}) {
        INFO(text);
        const Scratch scratch;
        scratch.file("engines.yaml", "vllm:\n  versions: " + text + "\n");
        const auto catalog = catalog_with(scratch.path().string());
        REQUIRE_FALSE(catalog);
        CHECK(to_text(catalog.error().front()).find(said) != std::string::npos);
        CHECK(to_text(catalog.error().front()).find("engines.yaml:2") != std::string::npos);
    }
}
