#include <nlohmann/json.hpp>

#include "tests/cli/moeplan.h"

using namespace moeplan::test;
using Json = nlohmann::json;

namespace {

Json json_of(const Finished& result) {
    INFO(result.err);
    REQUIRE(result.code == 0);
    return Json::parse(result.out);
}

}  // namespace

TEST_CASE("a --set changes the study before it is read, by place and by name", "[cli]") {
    const auto json =
        json_of(run({"run", example_study(), "--set", "mixtral.count=4", "-s", "workload.load.concurrency=64",
                     "--set", "candidates[1].count=8", "--format", "json"}));
    CHECK(json.at("scenario").at("candidates").at(0).at("count") == 4);
    CHECK(json.at("scenario").at("candidates").at(1).at("count") == 8);
    CHECK(json.at("scenario").at("workload").at("load").at("concurrency") == 64);
}

TEST_CASE("a --set of a key that does not exist is told with the nearest one", "[cli]") {
    const auto result = run({"run", example_study(), "--set", "mixtral.cuont=4"});
    CHECK(result.code == 2);
    CHECK_THAT(result.err, ContainsSubstring("did you mean 'count'?"));
}

TEST_CASE("a study named - is read from standard input", "[cli]") {
    auto start = program({"run", "-", "--format", "json"});
    start.input = small_study();
    CHECK(json_of(run_program(start)).at("scenario").at("name") == "small");
    start.input = "candidates: 3\n";
    const auto broken = run_program(start);
    CHECK(broken.code == 2);
    CHECK_THAT(broken.err, ContainsSubstring("standard input:1"));
}

TEST_CASE("several studies are answered in the order given", "[cli]") {
    const Scratch scratch;
    const auto a = scratch.file("a.yaml", "name: first\n" + small_study().substr(12)),
               b = scratch.file("b.yaml", "name: second\n" + small_study().substr(12));
    const auto result = run({"run", a, b});
    REQUIRE(result.code == 0);
    CHECK(result.out.find("first") < result.out.find("second"));
}

TEST_CASE("a user's catalog overrides the built-in one, by option and by variable", "[cli]") {
    const Scratch scratch;
    scratch.file("catalog/prices.yaml",
                 "- {gpu: h100_sxm, tier: on_demand, median: 77 USD/h, low: 70 USD/h, high: 80 USD/h, "
                 "offers: 1, date: \"2026-01-01\", source: mine}\n");
    const auto study = scratch.file("s.yaml", small_study());
    const auto price = [](const Json& json) {
        return json.at("candidates").at(0).at("metrics").at("usd_per_hour").at("value");
    };
    CHECK(price(json_of(run({"run", study, "--format", "json", "--catalog", scratch.path("catalog")}))) ==
          77);
    auto start = program({"run", study, "--format", "json"});
    start.environment.emplace_back("MOEPLAN_CATALOG", scratch.path("catalog"));
    CHECK(price(json_of(run_program(start))) == 77);
}

TEST_CASE("the starter study runs, and is never overwritten unasked", "[cli]") {
    const Scratch scratch;
    const auto file = scratch.path("mine.yaml");
    CHECK(run({"init", file}).code == 0);
    const auto first = text_of(file);
    CHECK(run({"run", file}).code == 0);
    CHECK(run({"check", file}).code == 0);
    scratch.file("mine.yaml", "kept");
    const auto again = run({"init", file});
    CHECK(again.code == 2);
    CHECK_THAT(again.err, ContainsSubstring("--force"));
    CHECK(text_of(file) == "kept");
    CHECK(run({"init", file, "--force"}).code == 0);
    CHECK(text_of(file) == first);
    CHECK(run({"init", "-"}).out == first);
    auto elsewhere = program({"init"});
    elsewhere.folder = scratch.path("");
    CHECK(run_program(elsewhere).code == 0);
    CHECK(text_of(scratch.path("study.yaml")) == first);
}

TEST_CASE("a study is answered within 50 ms of processor time", "[cli]") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
    constexpr double kLimit = 5;   // instrumented and unoptimised builds only must not hang
#else
    constexpr double kLimit = 0.05;
#endif
    double best = 100;
    for (int i = 0; i < 5; ++i) best = std::min(best, run({"run", example_study()}).cpu_seconds);
    CHECK(best < kLimit);
}

TEST_CASE("requests are written as CSV or JSON lines and in no other form", "[cli]") {
    const Scratch scratch;
    const auto study = source("scenarios/studies/simulate-overload.yaml");
    const auto refused = run({"run", study, "--requests", scratch.path("x.parquet")});
    CHECK(refused.code == 2);
    CHECK_THAT(refused.err, ContainsSubstring("--requests: '.parquet' is no form requests are written in"));
    CHECK_FALSE(std::filesystem::exists(scratch.path("x.parquet")));
}

TEST_CASE("no output replaces a file the study reads", "[cli]") {
    const Scratch scratch;
    const std::string trace = "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00,100,10\n2024-05-10 00:00:01,200,20\n";
    scratch.file("t.csv", trace);
    scratch.file("t-a.csv", trace);
    const auto study = [&](const std::string& file, const std::string& more = "") {
        return scratch.file("s.yaml", "method: simulate\nworkload: {lengths: {trace: " + file + "}, load: {trace: {}}}\ncandidates:\n"
                                      "  - &a {name: a, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm}\n" + more);
    };
    const std::string one = study("t.csv");
    for (const char* option : {"-o", "--requests", "--timeline"}) {
        const auto refused = run({"run", one, option, scratch.path("t.csv")});
        INFO(option << ": " << refused.err);
        CHECK(refused.code == 2);
        CHECK_THAT(refused.err, ContainsSubstring("is read by this study and would be overwritten"));
        CHECK(text_of(scratch.path("t.csv")) == trace);
    }
    // With several candidates each has a file of its own: t-a.csv.
    const auto derived = run({"run", study("t-a.csv", "  - {<<: *a, name: b}\n"), "--requests", scratch.path("t.csv")});
    CHECK(derived.code == 2);
    CHECK(text_of(scratch.path("t-a.csv")) == trace);
    CHECK(text_of(scratch.path("t.csv")) == trace);
}

TEST_CASE("rows of a trace that were put in order are told", "[cli]") {
    const Scratch scratch;
    std::string rows = "arrived_at,num_prefill_tokens,num_decode_tokens\n";
    for (int i = 0; i < 50; ++i) rows += std::to_string(i ^ 1) + ",100,20\n";   // every second one a second early
    scratch.file("t.csv", rows);
    const auto study = scratch.file("s.yaml", "method: simulate\nworkload: {lengths: {trace: t.csv}, load: {trace: {}}}\n"
                                              "candidates:\n  - {name: a, model: Qwen/Qwen3-14B, precision: fp8, gpu: h100_sxm}\n");
    const auto done = run({"run", study, "--no-intervals"});
    INFO(done.err);
    CHECK(done.code == 0);
    CHECK_THAT(done.out + done.err, ContainsSubstring("25 of 50 rows came before the one above them"));
}
