// `moeplan validate` from outside, on tables and runs written by hand.
#include <cmath>

#include <nlohmann/json.hpp>

#include "tests/cli/moeplan.h"

using namespace moeplan::test;
using Json = nlohmann::json;

namespace {

constexpr const char* kTable =
    "model,gpu,engine,isl,osl,concurrency,tp,pp,attention_dp,moe_tp,moe_ep,gemm_dtype,moe_dtype,serving_mode,quality_flag,"
    "mean_ttft_ms,mean_tpot_ms\n"
    "meta-llama/Meta-Llama-3-8B,h100_sxm,vllm,1024,256,8,1,1,1,1,1,bfloat16,bfloat16,agg,,60,9\n"
    "meta-llama/Meta-Llama-3-70B,h100_sxm,vllm,8000,1000,256,4,1,1,4,1,bfloat16,bfloat16,agg,ttft>5s(queueing),90000,60\n";

// As `vllm bench serve --save-detailed` writes a run of three requests.
constexpr const char* kRun =
    R"({"model_id": "x", "num_prompts": 3, "request_rate": 10.0, "burstiness": 1.0, "max_concurrency": null, "duration": 2.0,
        "input_lens": [100, 200, 300], "output_lens": [3, 2, 4], "ttfts": [0.03, 0.04, 0.05],
        "itls": [[0.01, 0.01], [0.01], [0.01, 0.01, 0.01]], "start_times": [5.0, 5.1, 5.3], "errors": ["", "", ""]})";

}  // namespace

TEST_CASE("servers are validated by simulation, queue-limited ones apart", "[cli]") {
    const Scratch scratch;
    const std::string table = scratch.file("servers.csv", kTable), rows = scratch.path("rows.csv");
    const auto result = run({"validate", "serving", table, "--method", "simulate", "--rows", rows, "--format", "json"});
    INFO(result.err);
    REQUIRE(result.code == 0);
    const Json json = Json::parse(result.out);
    CHECK(json.at("method") == "simulate");
    CHECK(json.at("n") == 1);
    CHECK(json.at("queueing").at("n") == 1);
    CHECK(json.at("queueing").at("recognised") == 1);
    CHECK(json.at("tpot").at("n") == 1);
    CHECK(lines_in(text_of(rows)) == 3);
    const auto closed = Json::parse(run({"validate", "serving", table, "--format", "json"}).out);
    CHECK(closed.at("method") == "analyse");
    CHECK(closed.at("tpot").at("bias") != json.at("tpot").at("bias"));
}

TEST_CASE("a measured run is replayed against options or a study alike", "[cli]") {
    const Scratch scratch;
    const std::string measured = scratch.file("run.json", kRun), each = scratch.path("each.csv");
    const auto by_options = run({"validate", "requests", measured, "--model", "meta-llama/Meta-Llama-3-8B", "--gpu", "h100_sxm",
                                 "--requests-out", each, "--format", "json"});
    INFO(by_options.err);
    REQUIRE(by_options.code == 0);
    const Json json = Json::parse(by_options.out);
    CHECK(json.at("n") == 3);
    CHECK(json.at("arrivals") == "sent when they were recorded");
    CHECK(json.at("figures").at(0).at("metric") == "ttft_ms");
    CHECK(json.at("figures").at(0).at("measured").get<double>() == Approx(40));
    CHECK(lines_in(text_of(each)) == 4);
    const auto by_study = run({"validate", "requests", measured, "--study", scratch.file("study.yaml", small_study()), "--candidate", "a",
                               "--format", "json"});
    INFO(by_study.err);
    REQUIRE(by_study.code == 0);
    CHECK(Json::parse(by_study.out).at("figures") == json.at("figures"));
}

TEST_CASE("requests of a run simulated are measured without error", "[cli]") {
    const Scratch scratch;
    const std::string study = scratch.file("study.yaml", small_study("workload:\n  lengths: {input: 300, output: 20}\n  load: {poisson: {rate: 8/s}}\n"
                                                                     "method: simulate\nsimulate: {requests: 400}\n"));
    for (const char* name : {"requests.csv", "requests.jsonl"}) {
        const auto made = run({"run", study, "--requests", scratch.path(name), "--no-intervals"});
        INFO(made.err);
        REQUIRE(made.code == 0);
        const auto held = run({"validate", "requests", scratch.path(name), "--study", study, "--format", "json"});
        INFO(held.err);
        REQUIRE(held.code == 0);
        const Json json = Json::parse(held.out);
        CHECK(json.at("n") == 400);
        REQUIRE(json.at("request_errors").size() == 3);
        for (const Json& each : json.at("request_errors")) CHECK(each.at("p90").get<double>() < 1e-6);
        for (const Json& figure : json.at("figures")) CHECK(std::abs(figure.at("error").get<double>()) < 1e-6);
    }
}

TEST_CASE("of several runs one is chosen, and a load that is not told is asked for", "[cli]") {
    const auto sample = [](const char* name) { return source("tests/data/measured/" + std::string(name)); };
    const auto with = [](const std::string& file, std::vector<std::string> more) {
        std::vector<std::string> words{"validate", "requests", file, "--model", "meta-llama/Meta-Llama-3-8B", "--gpu", "h100_sxm", "--format", "json"};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    };
    const auto told = [&](const std::string& file, std::vector<std::string> more, const std::string& what) {
        const auto result = with(file, std::move(more));
        INFO(result.err);
        CHECK(result.code == 2);
        CHECK(lines_in(result.err) == 1);
        CHECK_THAT(result.err, ContainsSubstring(what));
    };
    const auto arrivals = [&](const std::string& file, std::vector<std::string> more) {
        const auto result = with(file, std::move(more));
        INFO(result.err);
        REQUIRE(result.code == 0);
        return Json::parse(result.out).at("arrivals").get<std::string>();
    };
    told(sample("sglang.jsonl"), {}, "2 (line 3: 3 requests, 4 a second)");
    told(sample("sglang.jsonl"), {"--run", "3"}, "there is no run 3");
    told(sample("sglang.jsonl"), {"--run", "0"}, "--run");
    CHECK(arrivals(sample("sglang.jsonl"), {"--run", "1"}) == "2 at a time, in their order");
    CHECK_THAT(arrivals(sample("sglang.jsonl"), {"--run", "2"}), ContainsSubstring("gaps drawn anew"));
    told(sample("llmperf.json"), {}, "nothing says when requests were sent");
    told(sample("llmperf.json"), {"--rate", "soon"}, "--rate");
    told(sample("llmperf.json"), {"--concurrency", "0"}, "--concurrency");
    CHECK(arrivals(sample("llmperf.json"), {"--concurrency", "2"}) == "2 at a time, in their order");
    CHECK(arrivals(sample("llmperf.json"), {"--rate", "inf"}) == "sent all at once");
    CHECK(arrivals(sample("aiperf.jsonl"), {}) == "sent when they were recorded");
    const Scratch scratch;
    const std::string without_lengths = scratch.file("export.json", R"({"experiments": [{"experiment": {"mode": "concurrency", "value": 1}, "requests":
        [{"timestamp": 0, "response_timestamps": [50000000, 60000000]}, {"timestamp": 70000000, "response_timestamps": [120000000, 130000000]}]}]})");
    told(without_lengths, {}, "--isl N");
    CHECK(arrivals(without_lengths, {"--isl", "128"}) == "1 at a time, in their order");
    const auto misplaced = run({"validate", "serving", without_lengths, "--concurrency", "2"});
    CHECK_THAT(misplaced.err, ContainsSubstring("it belongs to `validate requests`"));
}

TEST_CASE("what validate cannot do is told once, with the way out", "[cli]") {
    const Scratch scratch;
    const std::string measured = scratch.file("run.json", kRun), study = scratch.file("study.yaml", small_study());
    const auto told = [](const std::vector<std::string>& words, const std::string& what) {
        const auto result = run(words);
        INFO(result.err);
        CHECK(result.code != 0);
        CHECK(lines_in(result.err) == 1);
        CHECK_THAT(result.err, ContainsSubstring(what));
    };
    told({"validate", "requests", measured}, "nothing says which model was measured");
    told({"validate", "requests", measured, "--model", "meta-llama/Meta-Llama-3-8B"}, "there is no GPU to put it on");
    told({"validate", "requests", measured, "--study", study, "--gpu", "h100_sxm"}, "the study says that already");
    told({"validate", "requests", measured, "--study", study, "--max-sequences", "8"}, "the study says that already");
    told({"validate", "requests", measured, "--model", "meta-llama/Meta-Llama-3-8B", "--gpu", "h100_sxm", "--memory-fraction", "92"},
         "expected a number from 0.01 to 1");
    told({"validate", "requests", measured, "--study", study, "--candidate", "b"}, "the study has no 'b'");
    told({"validate", "requests", measured, "--model", "x", "--gpu", "h100_sxm", "--candidate", "b"}, "there is no study to find it in");
    told({"validate", "requests", measured, "--study", study, "--method", "simulate"}, "it belongs to `validate serving`");
    told({"validate", "serving", scratch.file("servers.csv", kTable), "--count", "2"}, "it belongs to `validate requests`");
    told({"validate", "requests", scratch.path("none.json"), "--study", study}, "none.json");
    told({"validate", "requests", scratch.file("bad.json", R"({"ttfts": [1]})"), "--study", study}, "bad.json");
    told({"validate", "requests", measured, "--model", "meta-llama/Meta-Llama-3-70B", "--gpu", "h100_sxm"}, "does not fit");
}
