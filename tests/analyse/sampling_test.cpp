// What drawing tokens from the top k or top p adds to a step, by engine and version.

#include "core/analyse/evaluate.h"
#include "core/analyse/step_timer.h"
#include "core/catalog/catalog.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

Scenario study(const std::string& engine, const std::string& version, Sampling sampling) {
    Scenario s;
    s.money.price = GivenPrice{1};
    s.workload.sampling = sampling;
    Candidate c;
    c.name = "it";
    c.model = "Qwen/Qwen3-32B";
    c.gpu = "h100_sxm";
    c.engine = engine;
    c.engine_version = version;
    c.count = 2;
    c.profile = "none";
    s.candidates.push_back(c);
    return s;
}

double sampler_s(const Scenario& s, double sequences) {
    const auto prepared = prepare(s, builtin_catalog(), nullptr);
    REQUIRE(prepared);
    const auto source = make_roofline();
    StepTimer timer(prepared->front().lowering(), prepared->front().place(), *source);
    StepShape step;
    step.decode = {sequences, 1, 1024};
    const auto parts = timer.breakdown(step);
    REQUIRE(parts);
    for (const PartCost& part : *parts) {
        if (part.part == Part::sampler) return part.cost.time.value;
    }
    return 0;
}

std::vector<std::string> warnings(const Scenario& s) {
    const auto prepared = prepare(s, builtin_catalog(), nullptr);
    REQUIRE(prepared);
    return prepared->front().warnings;
}

}  // namespace

TEST_CASE("sorting every logit shows at large batches, finding the top of them hardly", "[analyse]") {
    const double greedy = sampler_s(study("vllm", "0.12.0", Sampling::greedy), 128);
    const double sorted = sampler_s(study("vllm", "0.12.0", Sampling::filtered), 128);
    const double found = sampler_s(study("vllm", "", Sampling::filtered), 128);
    // 128 rows of 151,936 logits, 600 bytes each, from a memory of 3.35 TB/s; and 25 kernels.
    const double alone = 128 * 151936.0 * 600 / 3.35e12;
    CHECK(sorted > alone);
    CHECK(sorted < 2 * alone);
    CHECK(found > greedy);
    CHECK(found < sorted / 4);
    // What stays at one sequence are its kernels.
    CHECK(sampler_s(study("vllm", "0.12.0", Sampling::filtered), 1) < sorted / 10);
}

TEST_CASE("a greedy step is the same in every version", "[analyse]") {
    CHECK(sampler_s(study("vllm", "0.12.0", Sampling::greedy), 64) == sampler_s(study("vllm", "", Sampling::greedy), 64));
}

TEST_CASE("where nobody knows what filtering costs, it is priced as greedy and said so", "[analyse]") {
    const Scenario s = study("transformers", "", Sampling::filtered);
    CHECK(sampler_s(s, 64) == sampler_s(study("transformers", "", Sampling::greedy), 64));
    REQUIRE(warnings(s).size() == 1);
    CHECK(warnings(s).front().find("top-k and top-p") != std::string::npos);
    CHECK(warnings(study("vllm", "0.12.0", Sampling::filtered)).empty());
}

TEST_CASE("a version that changes nothing is said to change nothing", "[analyse]") {
    REQUIRE(warnings(study("tensorrt_llm", "1.0.0rc3", Sampling::greedy)).size() == 1);
    CHECK(warnings(study("tensorrt_llm", "1.0.0rc3", Sampling::greedy)).front().find("engine_version changes nothing") != std::string::npos);
}
