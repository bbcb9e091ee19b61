// Where requests meet but do not queue for room, closed form and simulation still agree: what comes together in a step is then
// half of the answer.
#include <fmt/format.h>

#include "tests/serving/answers.h"

using namespace moeplan;

namespace {

std::string study(const char* method, const std::string& candidate, double rate, const char* lengths) {
    const bool simulated = std::string(method) == "simulate";
    return fmt::format(
        "method: {}\nworkload: {{lengths: {}, load: {{poisson: {{rate: {}/s}}}}}}\n"
        "routing: {{power_law: {{alpha: 1.2}}}}\n{}candidates:\n  - {{name: c, {}}}\n",
        method, lengths, rate, simulated ? "simulate: {requests: 60000}\n" : "", candidate);
}

// TTFT and TPOT at `share` of the closed form's capacity agree within `bound`.
void agrees(const std::string& candidate, double share, double bound, const char* lengths = "{input: 1024, output: 256}") {
    INFO(candidate << " " << lengths << " at " << share);
    const double rate = share * 1e-3 / metric(answered(study("analyse", candidate, 1e-3, lengths)).candidates.front(), "saturation");
    const Report closed = answered(study("analyse", candidate, rate, lengths));
    SimulationOptions central;
    central.intervals = false;
    const Report simulated = answered(study("simulate", candidate, rate, lengths), central);
    for (const char* id : {"ttft_ms", "tpot_ms"}) {
        INFO(id);
        CHECK(metric(closed.candidates.front(), id) == Approx(metric(simulated.candidates.front(), id)).epsilon(bound));
    }
}

const std::string kTensorRtLlm =
    "model: meta-llama/Meta-Llama-3-70B, precision: fp8, gpu: h100_sxm, count: 4, layout: {tp: 4}, engine: tensorrt_llm";

}  // namespace

TEST_CASE("with attention data parallelism closed form and simulation agree up to two thirds of capacity", "[serving]") {
    const double share = GENERATE(0.1, 0.35, 0.65);
    const std::string r1 = "model: deepseek-ai/DeepSeek-R1, gpu: h200_sxm, count: 8, layout: {tp: 1, dp: 8, ep: 8}";
    agrees("model: Qwen/Qwen3-235B-A22B, precision: fp8_block, gpu: h100_sxm, count: 8, layout: {tp: 1, dp: 8, ep: 8}", share,
           0.03);
    agrees(r1, share, 0.05);
    agrees(r1, share, 0.07, "{input: 8000, output: 256}");
}

TEST_CASE("on one rank closed form and simulation agree up to two thirds of capacity", "[serving]") {
    const double share = GENERATE(0.1, 0.35, 0.65);
    agrees("model: Qwen/Qwen3-30B-A3B, precision: fp8_block, gpu: h100_sxm", share, 0.025);
    agrees("model: mistralai/Mixtral-8x7B-v0.1, precision: fp8_block, gpu: h100_sxm, count: 2, layout: {tp: 2, ep: 2}", share,
           0.03);
    agrees("model: meta-llama/Meta-Llama-3-8B, gpu: a100_sxm, profile: none", share, 0.07);
}

TEST_CASE("every engine's closed form agrees with its scheduler up to two thirds of capacity", "[serving]") {
    const double share = GENERATE(0.1, 0.35, 0.65);
    agrees("model: Qwen/Qwen3-30B-A3B, precision: fp8_block, gpu: h100_sxm, engine: sglang", share, 0.04);
    agrees(kTensorRtLlm, share, 0.04);
}

TEST_CASE("through a pipeline closed form and simulation agree up to half of capacity", "[serving]") {
    const double share = GENERATE(0.1, 0.35, 0.5);
    const std::string layout = "model: meta-llama/Meta-Llama-3-70B, precision: fp8, gpu: h100_sxm, count: 4, layout: {tp: 2, pp: 2}, engine: ";
    agrees(layout + "tensorrt_llm", share, 0.08);
    agrees(layout + "sglang", share, 0.06);
    agrees(layout + "sglang", share, 0.08, "{input: 32000, output: 200}");
    const std::string four = "model: meta-llama/Meta-Llama-3-70B, gpu: a100_sxm, profile: none, count: 8, layout: {tp: 2, pp: 4}";
    agrees(four, share, 0.08, "{input: 256, output: 1024}");
    agrees(four, share, 0.08, "{input: 32000, output: 200}");
}

TEST_CASE("prompts of several chunks go in turn in both", "[serving]") {
    const double share = GENERATE(0.1, 0.35, 0.65);
    agrees("model: meta-llama/Meta-Llama-3-8B, gpu: a100_sxm, profile: none", share, 0.1, "{input: 12000, output: 100}");
    agrees(kTensorRtLlm, share, 0.07, "{input: 12000, output: 100}");
}

TEST_CASE("users in step whose prompts go first all wait for all prompts, in both", "[serving]") {
    SimulationOptions central;
    central.intervals = false;
    for (const char* layout : {"{tp: 4}", "{tp: 2, pp: 2}"}) {
        for (const char* lengths : {"{input: 1024, output: 256}", "{input: 32000, output: 200}"}) {
            const auto study = [&](const char* method, const char* simulate) {
                return fmt::format("method: {}\nworkload: {{lengths: {}, load: {{concurrency: 16}}}}\n{}candidates:\n  - {{name: c, model: meta-llama/Meta-Llama-3-70B, precision: fp8, gpu: h100_sxm, "
                                   "count: 4, layout: {}, engine: sglang, profile: none}}\n", method, lengths, simulate, layout);
            };
            INFO(layout << " " << lengths);
            const Report closed = answered(study("analyse", ""));
            const Report simulated = answered(study("simulate", "simulate: {requests: 1600}\n"), central);
            for (const char* id : {"ttft_ms", "tpot_ms", "output_tok_s"}) {
                INFO(id);
                CHECK(metric(closed.candidates.front(), id) == Approx(metric(simulated.candidates.front(), id)).epsilon(0.03));
            }
        }
    }
}
