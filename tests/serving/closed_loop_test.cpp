// Users who send the next request when one is answered: closed forms and the simulator side by side, where prompts fill steps,
// where they no longer fit, and where all the server does is prefill.
#include <fmt/format.h>

#include "tests/serving/answers.h"

using namespace moeplan;

namespace {

constexpr const char* kSevenB = "model: Qwen/Qwen2.5-7B-Instruct, gpu: a100_sxm_40gb, profile: none";
constexpr const char* kEightB = "model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm";
constexpr const char* kR1 = "model: deepseek-ai/DeepSeek-R1, gpu: h200_sxm, count: 16, layout: ";

std::string study(const std::string& candidate, const std::string& lengths, const std::string& load, bool simulated) {
    return fmt::format("method: {}\nworkload: {{lengths: {}, load: {}}}\n{}candidates:\n  - {{name: c, {}}}\n",
                       simulated ? "simulate" : "analyse", lengths, load, simulated ? "simulate: {requests: 3000}\n" : "", candidate);
}

CandidateReport closed_form(const std::string& candidate, const std::string& lengths, const std::string& load) {
    return answered(study(candidate, lengths, load, false)).candidates.front();
}

void agrees(const std::string& candidate, const std::string& lengths, int users, double bound) {
    const std::string load = fmt::format("{{concurrency: {}}}", users);
    INFO(candidate << " " << lengths << " " << users << " users");
    SimulationOptions central;
    central.intervals = false;
    const CandidateReport closed = closed_form(candidate, lengths, load);
    const Report simulated = answered(study(candidate, lengths, load, true), central);
    for (const char* id : {"ttft_ms", "tpot_ms", "output_tok_s"}) {
        INFO(id);
        CHECK(metric(closed, id) == Approx(metric(simulated.candidates.front(), id)).epsilon(bound));
    }
}

}  // namespace

TEST_CASE("users in step agree with the simulator whether or not prompts fit a step together", "[serving]") {
    agrees(kSevenB, "{input: 1024, output: 128}", 16, 0.06);
    agrees(kSevenB, "{input: 1024, output: 1024}", 64, 0.06);
    agrees(kSevenB, "{input: 256, output: 128}", 64, 0.06);
    agrees(std::string(kSevenB) + ", engine: tensorrt_llm", "{input: 1024, output: 128}", 8, 0.06);
    agrees(std::string(kSevenB) + ", engine: llama_cpp", "{input: 1024, output: 128}", 8, 0.06);
}

TEST_CASE("users in step agree with the simulator where prefill is all there is to do", "[serving]") {
    agrees(kSevenB, "{input: 1900, output: 10}", 50, 0.03);
    agrees(kSevenB, "{input: 1900, output: 10}", 2, 0.09);
    agrees(kSevenB, "{input: 8000, output: 10}", 50, 0.03);
    for (const int users : {2, 50, 400}) {
        INFO(users);
        CHECK(metric(closed_form(kSevenB, "{input: 1900, output: 10}", fmt::format("{{concurrency: {}}}", users)), "mfu") < 0.95);
    }
}

TEST_CASE("a prompt a token longer than a step takes hardly longer, also with a rank for each", "[serving]") {
    agrees(std::string(kR1) + "{dp: 16, ep: 16}", "{input: 8193, output: 500}", 256, 0.08);
    agrees(std::string(kR1) + "{tp: 16}", "{input: 8193, output: 500}", 16, 0.03);
    agrees(std::string(kEightB) + ", count: 2, layout: {dp: 2}", "{input: 20000, output: 300}", 16, 0.03);
}

TEST_CASE("a user more than there are ranks is as much in the others' way as in the simulator", "[serving]") {
    agrees(std::string(kR1) + "{dp: 16, ep: 16}", "{input: 3517, output: 7}", 16, 0.03);
    agrees(std::string(kR1) + "{dp: 16, ep: 16}", "{input: 3517, output: 7}", 17, 0.06);
    agrees(std::string(kR1) + "{dp: 16, ep: 16}", "{input: 12314, output: 104}", 17, 0.1);
}

TEST_CASE("users who come back at random are served no slower for being a few more", "[serving]") {
    const std::string lengths = "{uniform: {input: [3200, 4800], output: [32, 48]}}";
    double before = 0;
    for (const int users : {40, 60, 70, 76, 78, 80, 82, 90, 120}) {
        INFO(users);
        const double rate = metric(closed_form(kEightB, lengths, fmt::format("{{concurrency: {}}}", users)), "output_tok_s");
        CHECK(rate > 0.995 * before);
        before = rate;
    }
    for (const int users : {76, 80, 82}) agrees(kEightB, lengths, users, 0.12);
}

TEST_CASE("a batch that takes several waves is as long as in the simulator", "[serving]") {
    const std::string four = "model: Qwen/Qwen3-8B, gpu: h100_sxm, max_sequences: 4";
    const std::string lengths = "{input: 1024, output: 256}";
    SimulationOptions central;
    central.intervals = false;
    for (const int batch : {4, 6, 64}) {
        INFO(batch);
        const std::string load = fmt::format("{{batch: {}}}", batch);
        const CandidateReport closed = closed_form(four, lengths, load);
        const Report simulated = answered(fmt::format("method: simulate\nworkload: {{lengths: {}, load: {}}}\nsimulate: {{warm_up: 0 s}}\n"
                                                      "candidates:\n  - {{name: c, {}}}\n", lengths, load, four), central);
        for (const char* id : {"ttft_ms", "tpot_ms", "e2e_ms", "output_tok_s"}) {
            INFO(id);
            CHECK(metric(closed, id) == Approx(metric(simulated.candidates.front(), id)).epsilon(0.02));
        }
    }
}
