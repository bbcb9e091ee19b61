// `moeplan validate` from outside, on tables and runs written by hand.
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
    told({"validate", "requests", measured, "--study", study, "--candidate", "b"}, "the study has no 'b'");
    told({"validate", "requests", measured, "--model", "x", "--gpu", "h100_sxm", "--candidate", "b"}, "there is no study to find it in");
    told({"validate", "requests", measured, "--study", study, "--method", "simulate"}, "it belongs to `validate serving`");
    told({"validate", "serving", scratch.file("servers.csv", kTable), "--count", "2"}, "it belongs to `validate requests`");
    told({"validate", "requests", scratch.path("none.json"), "--study", study}, "none.json");
    told({"validate", "requests", scratch.file("bad.json", R"({"ttfts": [1]})"), "--study", study}, "bad.json");
    told({"validate", "requests", measured, "--model", "meta-llama/Meta-Llama-3-70B", "--gpu", "h100_sxm"}, "does not fit");
}
