// What the host adds to a step, by what captured graphs hold of it.

#include <cmath>

#include "core/analyse/evaluate.h"
#include "core/analyse/step_timer.h"
#include "core/catalog/catalog.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

Scenario study(const std::string& engine, std::int64_t dp, std::optional<std::int64_t> most, std::optional<std::int64_t> graphs) {
    Scenario s;
    s.routing = UniformRouting{};
    s.money.price = GivenPrice{1};
    s.workload.lengths = FixedLengths{1024, 256};
    s.workload.load = ClosedLoop{8};
    Candidate c;
    c.name = "it";
    c.model = "meta-llama/Meta-Llama-3-8B";
    c.gpu = "h100_sxm";
    c.engine = engine;
    c.count = dp;
    c.layout = Layout{};
    c.layout->dp = dp;
    c.profile = "none";
    c.max_sequences = most;
    c.graph_tokens = graphs;
    s.candidates.push_back(c);
    return s;
}

// Seconds of the host beyond those of a step that only decodes as many sequences, beside kernels of so many seconds.
double for_prompts(const std::string& engine, const StepShape& step, std::int64_t dp = 1, std::optional<std::int64_t> most = {},
                   std::optional<std::int64_t> graphs = {}, const Estimate& kernels = {}) {
    const Scenario s = study(engine, dp, most, graphs);
    const auto prepared = prepare(s, builtin_catalog(), nullptr);
    REQUIRE(prepared);
    const auto source = make_roofline();
    const StepTimer timer(prepared->front().lowering(), prepared->front().place(), *source);
    StepShape decode;
    decode.decode = {step.decode.sequences + step.prefill.sequences, 1, 0};
    return timer.host_time(step, kernels).time.value - timer.host_time(decode, kernels).time.value;
}

}  // namespace

TEST_CASE("a step with prompts is replayed from graphs as far as they were captured", "[analyse]") {
    const auto* vllm = builtin_catalog().engine("vllm");
    REQUIRE(vllm);
    REQUIRE(vllm->graph_tokens == 512);
    const double eager = vllm->prefill_overhead_s.value + 32 * vllm->prefill_layer_s.value;   // Llama 3 8B has 32 layers
    const auto seconds = [](double s) { return Approx(s).margin(1e-12); };
    CHECK(for_prompts("vllm", {{1, 480, 0}, {32, 1, 700}}) == seconds(0));
    CHECK(for_prompts("vllm", {{1, 481, 0}, {32, 1, 700}}) == seconds(eager));
    CHECK(for_prompts("vllm", {{1, 1024, 0}, {}}) == seconds(eager));
    // On a rank: prompts are dealt, one lies whole on one of them.
    CHECK(for_prompts("vllm", {{2, 400, 0}, {64, 1, 700}}, 2) == seconds(0));
    CHECK(for_prompts("vllm", {{1, 800, 0}, {64, 1, 700}}, 2) == seconds(eager));
    // Fewer are captured where few may run.
    CHECK(for_prompts("vllm", {{1, 16, 0}, {}}, 1, 8) == seconds(0));
    CHECK(for_prompts("vllm", {{1, 17, 0}, {}}, 1, 8) == seconds(eager));
    // As a study asks for, whatever may run.
    CHECK(for_prompts("vllm", {{1, 2016, 0}, {32, 1, 700}}, 1, 64, 2048) == seconds(0));
    CHECK(for_prompts("vllm", {{1, 2017, 0}, {32, 1, 700}}, 1, 64, 2048) == seconds(eager));
    CHECK(for_prompts("vllm", {{1, 16, 0}, {}}, 1, {}, 0) == seconds(eager));
    // TensorRT-LLM captures decodes alone.
    const auto* other = builtin_catalog().engine("tensorrt_llm");
    REQUIRE(other);
    CHECK(for_prompts("tensorrt_llm", {{1, 16, 0}, {}}) == seconds(other->prefill_overhead_s.value + 32 * other->prefill_layer_s.value));
}

TEST_CASE("launches show where kernels are not longer", "[analyse]") {
    const auto* vllm = builtin_catalog().engine("vllm");
    REQUIRE(vllm);
    const double launches = 32 * vllm->prefill_layer_s.value, step = vllm->prefill_overhead_s.value;
    const auto beside = [&](double kernels) { return for_prompts("vllm", {{1, 1024, 0}, {}}, 1, {}, {}, Estimate::exact(kernels)) - step; };
    CHECK(beside(0) == Approx(launches));
    CHECK(beside(0.1 * launches) == Approx(0.9 * launches).epsilon(1e-5));
    CHECK(beside(launches) == Approx((std::pow(2, 1.0 / 6) - 1) * launches));
    CHECK(beside(10 * launches) < 1e-5 * launches);
}
