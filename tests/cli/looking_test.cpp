// model, gpu, describe, validate, help, version: commands that only show.
#include <nlohmann/json.hpp>

#include "tests/cli/moeplan.h"

using namespace moeplan::test;
using Json = nlohmann::json;

TEST_CASE("model says first what a person wants to know", "[cli]") {
    const auto result = run({"model", "mistralai/Mixtral-8x7B-v0.1"});
    REQUIRE(result.code == 0);
    // 46.7 B and 12.9 B: Mixtral of Experts, arXiv 2401.04088. 2 x 32 layers x 8 heads x 128 x 2 bytes = 128
    // KiB.
    for (const char* said :
         {"46.7 B", "12.9 B", "published 46.7 B",
          "32 × GQA 32/8 heads of 128 · MoE 8 experts top-2 of 14,336", "128 KiB per token", "routed experts",
          "as published: bf16", "fewest GPUs", "h100_sxm"}) {
        CHECK_THAT(result.out, ContainsSubstring(said));
    }
}

TEST_CASE("model as JSON has the form of a report's metrics", "[cli]") {
    const auto result = run({"model", "mistralai/Mixtral-8x7B-v0.1", "--format", "json"});
    REQUIRE(result.code == 0);
    const Json metrics = Json::parse(result.out).at("metrics");
    CHECK(metrics.at("params_total").at("value") == 46702792704);   // the checkpoint's own count
    CHECK(metrics.at("kv_bytes_per_token").at("value") == 131072);
    CHECK(metrics.at("kv_bytes_per_token").at("unit") == "bytes");
    for (const char* id : {"params_active", "params_active_no_input_table", "params_active_no_embeddings",
                           "flops_per_output_token", "weights_gb_per_gpu"}) {
        CHECK(metrics.at(id).at("value").is_number());
        CHECK(metrics.at(id).at("source").is_string());
    }
}

TEST_CASE("a number format and a context change what model shows", "[cli]") {
    const auto weights = [](std::vector<std::string> more) {
        std::vector<std::string> words{"model", "mistralai/Mixtral-8x7B-v0.1", "--format", "json"};
        words.insert(words.end(), more.begin(), more.end());
        return Json::parse(run(words).out).at("metrics");
    };
    const double bf16 = weights({}).at("weights_gb_per_gpu").at("value"),
                 fp8 = weights({"--precision", "fp8"}).at("weights_gb_per_gpu").at("value");
    CHECK(bf16 == Approx(46.7028 * 2).epsilon(1e-3));
    CHECK(fp8 < 0.51 * bf16);
    const double near = weights({"--context", "10"}).at("flops_per_output_token").at("value"),
                 far = weights({"-c", "30000"}).at("flops_per_output_token").at("value");
    CHECK(near < far);
    CHECK_THAT(run({"model", "mistralai/Mixtral-8x7B-v0.1", "--context", "12345"}).out,
               ContainsSubstring("12,345"));
}

TEST_CASE("model alone lists the whole catalog", "[cli]") {
    const auto table = run({"model"});
    CHECK(table.code == 0);
    const Json models = Json::parse(run({"model", "--format", "json"}).out).at("models");
    CHECK(models.size() > 30);
    CHECK(lines_in(table.out) == models.size() + 1);
    for (const auto& model : models)
        CHECK_THAT(table.out, ContainsSubstring(model.at("id").get<std::string>()));
}

TEST_CASE("every model of the catalog can be looked at", "[cli]") {
    const Json models = Json::parse(run({"model", "--format", "json"}).out).at("models");
    for (const auto& model : models) {
        const auto result = run({"model", model.at("id")});
        INFO(model.at("id"));
        CHECK(result.code == 0);
        CHECK_THAT(result.out, ContainsSubstring("× "));
    }
}

TEST_CASE("gpu lists devices, and shows one with every source and price", "[cli]") {
    CHECK_THAT(run({"gpu"}).out, ContainsSubstring("h100_sxm"));
    const auto one = run({"gpu", "h100"});   // an alias
    CHECK(one.code == 0);
    for (const char* said : {"H100 SXM5 80GB", "3,350 GB/s", "989 TFLOP/s", "on_demand", "spot", "sources"})
        CHECK_THAT(one.out, ContainsSubstring(said));
    const Json json = Json::parse(run({"gpu", "h100_sxm", "--format", "json"}).out);
    CHECK(json.at("figures").at("memory").at("value") == 80e9);
    CHECK(json.at("figures").at("peak_bf16").at("unit") == "FLOP/s");
    CHECK(json.at("prices").at(0).at("usd_per_hour").at("low") <=
          json.at("prices").at(0).at("usd_per_hour").at("value"));
    CHECK(json.at("sources").size() > 3);
    CHECK(Json::parse(run({"gpu", "--format", "json"}).out).at("gpus").size() > 20);
}

TEST_CASE("describe lists every kind, and every kind lists names that can be described", "[cli]") {
    std::istringstream kinds(run({"describe", "--format", "names"}).out);
    int seen = 0;
    for (std::string kind; std::getline(kinds, kind); ++seen) {
        std::istringstream names(run({"describe", kind, "--format", "names"}).out);
        std::string name;
        REQUIRE(std::getline(names, name));
        INFO(kind << " " << name);
        CHECK(run({"describe", kind, name}).code == 0);
        CHECK(Json::parse(run({"describe", kind, name, "--format", "json"}).out).at("name") == name);
    }
    CHECK(seen == 15);
    CHECK(run({"describe", "routing"}).out == run({"describe", "routings"}).out);
}

TEST_CASE("every example describe gives is understood as part of a study", "[cli]") {
    const Scratch scratch;
    std::filesystem::copy(source("scenarios/routing/mixtral_8x7b.json"), scratch.path("counts.csv"));
    scratch.file(
        "requests.csv",
        "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03,100,10\n2023-11-16 18:17:04,200,20\n");
    for (const char* kind : {"routings", "placements", "loads", "lengths", "sweep-axes", "objectives", "simulations"}) {
        const Json items = Json::parse(run({"describe", kind, "--format", "json"}).out).at(kind);
        for (const auto& item : items) {
            const std::string example = item.at("example"), name = item.at("name");
            INFO(kind << " " << example);
            REQUIRE_FALSE(example.empty());
            if (std::string(kind) == "routings" && name == "trace") continue;   // needs a recorded trace
            const bool quality = example.find("correct") != std::string::npos ||
                                 example.find("answer") != std::string::npos ||
                                 example.find("accuracy") != std::string::npos;
            const bool energy =
                example.find("joules") != std::string::npos || example.find("co2") != std::string::npos;
            if (energy) continue;   // only with a power figure
            // A simulation takes its time; that a planted key is the only problem shows that the rest is read.
            const bool simulated = example.find("method: simulate") != std::string::npos;
            const auto study =
                scratch.file("s.yaml", (simulated ? "planted: 1\n" : "") + example +
                                           "\ncandidates: [{name: a, model: mistralai/Mixtral-8x7B-v0.1, "
                                           "gpu: h100_sxm, count: 8, layout: {tp: 8, ep: 8}}]\n" +
                                           (quality ? "quality: {benchmark: gpqa_diamond}\n" : ""));
            const auto result = run({"run", study});
            INFO(result.err);
            if (simulated) {
                CHECK(result.code == 2);
                CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
                CHECK_THAT(result.err, ContainsSubstring("unknown key 'planted'"));
                continue;
            }
            // An objective may have no value here (simulated percentiles, host memory); it must be known all
            // the same.
            if (std::string(kind) == "objectives")
                CHECK(result.err.find("not a metric") == std::string::npos);
            else CHECK(result.code == 0);
        }
    }
}

TEST_CASE("validate serving compares a table of measurements", "[cli]") {
    const Scratch scratch;
    const auto table =
        scratch.file("m.csv",
                     "hardware,n_devices,framework,model,isl,osl,batch_size,parallelism,latency_s\n"
                     "H100,1,vLLM,meta-llama/Meta-Llama-3-8B,128,128,1,TP1,1.2\n"
                     "H100,1,vLLM,nobody/knows-this,128,128,1,TP1,1.2\n");
    const auto result =
        run({"validate", "serving", table, "--format", "json", "--rows", scratch.path("rows.csv")});
    INFO(result.err);
    REQUIRE(result.code == 0);
    const Json json = Json::parse(result.out);
    CHECK(json.at("n").get<int>() + json.at("skipped").at(0).at("n").get<int>() == 2);
    CHECK(json.contains("groups"));
    CHECK_THAT(text_of(scratch.path("rows.csv")), ContainsSubstring("tpot_ms_predicted"));
    CHECK(run({"validate", "serving", table}).code == 0);
    CHECK(run({"validate", "serving", table, "--format", "md"}).code == 0);
}

TEST_CASE("version and help are answered with 0, before and behind a command", "[cli]") {
    CHECK(run({"--version"}).out == "moeplan 0.1.0\n");
    for (const auto& words : std::vector<std::vector<std::string>>{{"--help"},
                                                                   {"-h"},
                                                                   {"help"},
                                                                   {"help", "run"},
                                                                   {"run", "--help"},
                                                                   {"run", "-h"},
                                                                   {"--color=never", "check", "-h"}}) {
        const auto result = run(words);
        CHECK(result.code == 0);
        CHECK(result.err.empty());
        CHECK_THAT(result.out, ContainsSubstring("usage:"));
    }
}
