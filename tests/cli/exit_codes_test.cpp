#include "tests/cli/moeplan.h"

using namespace moeplan::test;

TEST_CASE("a study that is answered ends with 0 and says nothing on stderr", "[cli]") {
    const auto result = run({"run", example_study()});
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK_THAT(result.out, ContainsSubstring("Mixtral 8x7B against Llama 3 70B on H100"));
}

TEST_CASE("an expectation that fails ends with 1, in run and in check", "[cli]") {
    const Scratch scratch;
    const auto study = scratch.file("s.yaml", small_study("expect: [{metric: a.tpot_ms, at_most: 0.001}]\n"));
    const auto ran = run({"run", study});
    CHECK(ran.code == 1);
    CHECK_THAT(ran.out, ContainsSubstring("a.tpot_ms"));   // the report is still there
    CHECK(run({"check", study}).code == 1);
}

TEST_CASE("an expectation that holds ends with 0", "[cli]") {
    const Scratch scratch;
    const auto study =
        scratch.file("s.yaml", small_study("expect: [{metric: a.tpot_ms, at_least: 0.001}]\n"));
    CHECK(run({"run", study}).code == 0);
    CHECK(run({"check", study}).code == 0);
}

TEST_CASE("wrong input ends with 2, one line for each problem, nothing on stdout", "[cli]") {
    const Scratch scratch;
    const auto study = scratch.file(
        "s.yaml", "candidates:\n  - {name: a, model: m, gppu: h100_sxm, count: -1}\nworkloud: 3\n");
    const auto result = run({"run", study});
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK(lines_in(result.err) >= 3);
    CHECK_THAT(result.err, ContainsSubstring("error: " + study + ":2"));
    CHECK_THAT(result.err, ContainsSubstring("did you mean 'gpu'?"));
    CHECK_THAT(result.err, ContainsSubstring("did you mean 'workload'?"));
}

TEST_CASE("nothing that fits ends with 3 and the report says why", "[cli]") {
    const auto result = run({"compare", "meta-llama/Meta-Llama-3-70B", "--gpu", "h100_sxm", "--count", "1"});
    CHECK(result.code == 3);
    CHECK_THAT(result.out, ContainsSubstring("fit"));
}

TEST_CASE("one candidate that fits is enough for 0", "[cli]") {
    const auto result = run({"compare", "meta-llama/Meta-Llama-3-70B", "meta-llama/Meta-Llama-3-8B", "--gpu",
                             "h100_sxm", "--count", "1"});
    CHECK(result.code == 0);
}

TEST_CASE("a search without a feasible configuration ends with 3", "[cli]") {
    const Scratch scratch;
    const auto study =
        scratch.file("s.yaml",
                     "candidates: [{name: a, model: meta-llama/Meta-Llama-3-70B, gpu: h100_sxm}]\n"
                     "price: {gpu_hour: 1 USD}\nsweep: {gpu: [a10g, l4], count: [1]}\n");
    CHECK(run({"run", study}).code == 3);
}

TEST_CASE("of several studies the worst decides", "[cli]") {
    const Scratch scratch;
    const auto good = scratch.file("good.yaml", small_study());
    const auto failing = scratch.file("failing.yaml", small_study("expect: [{metric: a.fits, is: false}]\n"));
    CHECK(run({"run", good, failing}).code == 1);
    const auto broken = run({"run", good, scratch.path("missing.yaml"), scratch.path("gone.yaml")});
    CHECK(broken.code == 2);
    CHECK(broken.out.empty());   // every problem is told before anything is answered
    CHECK(lines_in(broken.err) == 2);
}

TEST_CASE("a claim that turns out wrong is a finding, not a failure", "[cli]") {
    const Scratch scratch;
    const auto study =
        scratch.file("c.yaml", small_study("claim: {number: 1, text: decoding takes a microsecond}\n"
                                           "expect: [{metric: a.tpot_ms, at_most: 0.001}]\n"));
    CHECK(run({"run", study}).code == 0);
    const auto checked = run({"check", study});
    CHECK(checked.code == 0);
    CHECK_THAT(checked.out, ContainsSubstring("decoding takes a microsecond"));
    CHECK_THAT(checked.out, ContainsSubstring("fails"));
}
