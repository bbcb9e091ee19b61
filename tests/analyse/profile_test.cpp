// Which profile a candidate is priced by.
#include <filesystem>
#include <fstream>

#include "core/analyse/evaluate.h"
#include "core/scenario/scenario.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

// The candidate starts in line 3.
Scenario study(const std::string& profile, const std::string& file = "study.yaml", const std::string& engine = "vllm") {
    const auto s = parse_scenario(
        "name: small\ncandidates:\n  - name: a\n    model: meta-llama/Meta-Llama-3-8B\n    profile: " + profile +
            "\n    gpu: h100_sxm\n    engine: " + engine + "\n",
        file, {});
    REQUIRE(s);
    return *s;
}

std::string name_of_profile(const Scenario& s) {
    const auto prepared = prepare(s, builtin_catalog(), nullptr);
    REQUIRE(prepared);
    const auto& profile = prepared->front().profile;
    return profile ? profile->name : "";
}

std::string problem_of(const Scenario& s) {
    const auto prepared = prepare(s, builtin_catalog(), nullptr);
    REQUIRE_FALSE(prepared);
    REQUIRE(prepared.error().size() == 1);
    return to_text(prepared.error().front());
}

Evaluation answer(const Scenario& s) {
    const auto prepared = prepare(s, builtin_catalog(), nullptr).value();
    return evaluate(prepared[0], operating_point(prepared[0], s.workload), *make_calibrated(make_roofline())).value();
}

}  // namespace

TEST_CASE("a candidate takes the catalog's profile, a named one, or none") {
    CHECK(name_of_profile(study("auto")) == "h100_sxm-vllm");
    CHECK(name_of_profile(study("none")).empty());
    CHECK(name_of_profile(study("h100_sxm-tensorrt_llm")) == "h100_sxm-tensorrt_llm");
    CHECK(name_of_profile(study("auto", "study.yaml", "ideal")).empty());
    CHECK(name_of_profile(study("h100_sxm-vllm", "study.yaml", "ideal")) == "h100_sxm-vllm");
}

TEST_CASE("a profile changes the times, its absence leaves the roofline's") {
    const Scenario none = study("none");
    const double roofline = answer(none).serving.tpot_s.value;
    const auto prepared = prepare(none, builtin_catalog(), nullptr).value();
    CHECK(evaluate(prepared[0], operating_point(prepared[0], none.workload), *make_roofline())
              .value()
              .serving.tpot_s.value == roofline);
    const double measured = answer(study("auto")).serving.tpot_s.value;
    CHECK(measured != roofline);
    CHECK(measured == Approx(roofline).epsilon(0.5));
}

TEST_CASE("a profile that is not known is named with its line and the nearest name") {
    CHECK_THAT(problem_of(study("h100_sxm-vlm")),
               ContainsSubstring("study.yaml:3: candidates[0].profile: 'h100_sxm-vlm' is not a known profile; did you "
                                 "mean 'h100_sxm-vllm'?"));
}

TEST_CASE("a profile file is found beside the study, and named when it cannot be read") {
    const Scratch scratch;
    Profile mine = **builtin_catalog().profile_named("a100_sxm-vllm");
    mine.name = "mine";
    scratch.file("mine.json", write_profile(mine));
    scratch.file("bad.json", "{\"moeplan_profile\": 2}");
    const std::string file = scratch.path("study.yaml");
    CHECK(name_of_profile(study("mine.json", file)) == "mine");
    CHECK_THAT(problem_of(study("bad.json", file)), ContainsSubstring("bad.json: moeplan_profile: profile version 2"));
    CHECK_THAT(problem_of(study("gone.json", file)), ContainsSubstring("gone.json"));
    CHECK_THAT(problem_of(study("gone.json", file)), ContainsSubstring("cannot be read"));
}

TEST_CASE("a GPU that nobody measured is priced by what carries over, and says so") {
    const auto s = parse_scenario("name: small\ncandidates:\n  - {name: a, model: meta-llama/Meta-Llama-3-8B, gpu: rtx_4090, precision: fp8}\n", "study.yaml", {});
    REQUIRE(s);
    const auto prepared = prepare(*s, builtin_catalog(), nullptr);
    REQUIRE(prepared);
    const Prepared& p = prepared->front();
    REQUIRE(p.profile);
    CHECK(p.profile->name == "h100_sxm-vllm carried over to rtx_4090");
    REQUIRE(p.warnings.size() == 1);
    CHECK_THAT(p.warnings.front(), ContainsSubstring("no kernels of vLLM were measured on GeForce RTX 4090 24GB: priced by h100_sxm-vllm carried over"));
    CHECK(p.engine->token_budget == 2048);   // a card of 24 GB
    const Evaluation e = answer(*s);
    CHECK(e.serving.tpot_s.low < e.serving.tpot_s.value);
    CHECK(e.serving.tpot_s.value < e.serving.tpot_s.high);
    // 8 GB of weights at 1008 GB/s: 8 ms at the very least.
    CHECK(e.serving.tpot_s.value > 0.008);
    CHECK(e.serving.tpot_s.value < 0.016);
}

TEST_CASE("a profile of another device than the candidate's is taken, and told") {
    const auto warnings = [](const std::string& profile) {
        const auto s = parse_scenario("name: small\ncandidates:\n  - {name: a, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm, profile: " + profile + "}\n", "study.yaml", {});
        REQUIRE(s);
        const auto prepared = prepare(*s, builtin_catalog(), nullptr);
        REQUIRE(prepared);
        return prepared->front().warnings;
    };
    REQUIRE(warnings("a100_sxm-vllm").size() == 1);
    CHECK_THAT(warnings("a100_sxm-vllm").front(), ContainsSubstring("profile a100_sxm-vllm is of a100_sxm, and this is h100_sxm"));
    CHECK(warnings("h100_sxm-vllm").empty());
}

TEST_CASE("a measured GPU can be priced as if nobody had measured it") {
    CHECK(name_of_profile(study("borrowed")) == "h200_sxm-vllm carried over to h100_sxm");
    CHECK(answer(study("borrowed")).serving.tpot_s.value == Approx(answer(study("auto")).serving.tpot_s.value).epsilon(0.15));
    CHECK(name_of_profile(study("borrowed", "study.yaml", "ideal")).empty());
}
