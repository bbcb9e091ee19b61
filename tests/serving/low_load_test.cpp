// Where requests hardly meet, a simulation must give what the closed form gives: two programs, one answer.
#include <cmath>

#include <fmt/format.h>

#include "tests/serving/answers.h"

using namespace moeplan;

namespace {

std::string study(const char* method, const std::string& candidate, double rate, const char* lengths, int requests) {
    const bool simulated = std::string(method) == "simulate";
    return fmt::format(
        "method: {}\nworkload: {{lengths: {}, load: {{poisson: {{rate: {}/s}}}}}}\n"
        "routing: {{power_law: {{alpha: 1.2}}}}\n{}candidates:\n  - {{name: c, {}}}\n",
        method, lengths, rate, simulated ? fmt::format("simulate: {{requests: {}, warm_up: 0 s}}\n", requests) : "", candidate);
}

SimulationOptions central_only() {
    SimulationOptions options;
    options.intervals = false;
    return options;
}

// With so many requests in flight on average, every latency agrees to 1 %.
void agrees(const std::string& candidate, double in_flight, const char* lengths = "{input: 1024, output: 256}", int requests = 6000) {
    INFO(candidate);
    const double alone_s = metric(answered(study("analyse", candidate, 1e-4, lengths, requests)).candidates.front(), "e2e_ms") / 1e3;
    const double rate = in_flight / alone_s;
    const Report closed = answered(study("analyse", candidate, rate, lengths, requests));
    const Report simulated = answered(study("simulate", candidate, rate, lengths, requests), central_only());
    for (const char* id : {"ttft_ms", "tpot_ms", "e2e_ms"}) {
        INFO(id);
        CHECK(metric(simulated.candidates.front(), id) == Approx(metric(closed.candidates.front(), id)).epsilon(0.01));
    }
}

}  // namespace

TEST_CASE("mixtures simulated at low load are what the closed form says", "[serving]") {
    const std::string candidate = GENERATE(
        std::string("model: Qwen/Qwen3-30B-A3B, precision: fp8_block, gpu: h100_sxm"),
        std::string("model: Qwen/Qwen3-30B-A3B, precision: fp8_block, gpu: h100_sxm, profile: none"),
        std::string("model: mistralai/Mixtral-8x7B-v0.1, precision: fp8_block, gpu: h100_sxm, count: 2, layout: {tp: 2, ep: 2}"),
        std::string("model: deepseek-ai/DeepSeek-V2-Lite, precision: fp8_block, gpu: h100_sxm, count: 8, layout: {tp: 1, dp: 8, ep: 8}"),
        std::string("model: openai/gpt-oss-120b, gpu: b200_sxm"));
    agrees(candidate, 0.02);
}

TEST_CASE("dense models simulated at low load are what the closed form says", "[serving]") {
    const std::string candidate = GENERATE(
        std::string("model: Qwen/Qwen3-14B, precision: fp8, gpu: h100_sxm"),
        std::string("model: Qwen/Qwen3-14B, precision: fp8, gpu: h100_sxm, speculative: {accept: 2.4}"),
        std::string("model: meta-llama/Meta-Llama-3-70B, precision: fp8, gpu: h100_sxm, count: 4, layout: {tp: 4}"),
        std::string("model: meta-llama/Meta-Llama-3-70B, precision: fp8, gpu: h100_sxm, count: 4, layout: {tp: 2, pp: 2}"),
        std::string("model: meta-llama/Meta-Llama-3-8B, gpu: a100_sxm, profile: none"));
    agrees(candidate, 0.02);
}

TEST_CASE("engines simulated at low load are what the closed form says", "[serving]") {
    const std::string engine = GENERATE(std::string("sglang"), std::string("tensorrt_llm"));
    agrees("model: Qwen/Qwen3-30B-A3B, precision: fp8_block, gpu: h100_sxm, engine: " + engine, 0.02);
}

TEST_CASE("long prompts and short answers agree at low load too", "[serving]") {
    agrees("model: Qwen/Qwen3-30B-A3B, precision: fp8_block, gpu: h100_sxm", 0.02, "{input: 3000, output: 50}");
    agrees("model: Qwen/Qwen3-14B, precision: fp8, gpu: h100_sxm", 0.02, "{input: 30000, output: 20}", 110000);   // few meet, and lose much
}

// Experts read by two sequences are nearly twice those read by one, so who meets whom is half of the answer.
TEST_CASE("with a quarter of a request in flight latencies agree still", "[serving]") {
    agrees("model: Qwen/Qwen3-30B-A3B, precision: fp8_block, gpu: h100_sxm", 0.25);
    agrees("model: Qwen/Qwen3-14B, precision: fp8, gpu: h100_sxm, profile: none", 0.25);
}
