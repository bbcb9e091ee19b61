// Prompts that wait for each other beside decodes: the closed form against the simulation, and what waiting is for.
#include <fmt/format.h>

#include "tests/serving/answers.h"

using namespace moeplan;

namespace {

Report waiting(const char* method, const char* load, const std::string& wait, int requests) {
    const bool simulated = std::string(method) == "simulate";
    SimulationOptions options;
    options.intervals = false;
    return answered(fmt::format("method: {}\nworkload: {{lengths: {{uniform: {{input: [800, 1200], output: [240, 360]}}}}, load: {}}}\n"
                                "{}candidates:\n  - {{name: c, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm, engine: tensorrt_llm{}}}\n",
                                method, load, simulated ? fmt::format("simulate: {{requests: {}}}\n", requests) : "", wait),
                    options);
}

double of(const Report& report, const char* id) { return metric(report.candidates.front(), id); }

}  // namespace

TEST_CASE("what prompts wait for each other is the closed form's and the simulation's", "[serving]") {
    const std::string wait = ", batch_wait: {steps: 20, fill: 90 %}";
    for (const char* load : {"{concurrency: 4}", "{concurrency: 16}", "{concurrency: 64}",
                             "{poisson: {rate: 2/s}}"}) {
        INFO(load);
        const Report closed = waiting("analyse", load, wait, 0), simulated = waiting("simulate", load, wait, 4000);
        CHECK(of(simulated, "ttft_ms") == Approx(of(closed, "ttft_ms")).epsilon(0.12));
        CHECK(of(simulated, "tpot_ms") == Approx(of(closed, "tpot_ms")).epsilon(0.05));
        const Report without = waiting("simulate", load, "", 4000);
        CHECK(of(simulated, "ttft_ms") > of(without, "ttft_ms") + 5 * of(without, "tpot_ms"));
    }
}

TEST_CASE("waiting for prompts is refused where the engine would not do it", "[serving]") {
    const auto with = [](const char* candidate) {
        return refused(fmt::format("candidates:\n  - {{name: c, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm, batch_wait: {{steps: 5}}, {}}}\n", candidate));
    };
    CHECK_THAT(with("engine: vllm"), ContainsSubstring("study.yaml:2: candidates[0].batch_wait: vLLM has no such option; leave it out, or engine: tensorrt_llm"));
    CHECK_THAT(with("engine: tensorrt_llm, layout: {tp: 1, dp: 2}"), ContainsSubstring("does not wait where attention is replicated (dp 2)"));
    CHECK(with("engine: tensorrt_llm") == "");
}
