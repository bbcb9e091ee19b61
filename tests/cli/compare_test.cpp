#include <nlohmann/json.hpp>

#include "tests/cli/moeplan.h"

using namespace moeplan::test;
using Json = nlohmann::json;

namespace {

constexpr const char* kMixtral = "mistralai/Mixtral-8x7B-v0.1";
constexpr const char* kLlama = "meta-llama/Meta-Llama-3-70B";

Json compared(std::vector<std::string> words) {
    words.insert(words.begin(), "compare");
    words.insert(words.end(), {"--format", "json"});
    const auto result = run(words);
    INFO(result.err);
    REQUIRE(result.code == 0);
    return Json::parse(result.out);
}

}  // namespace

TEST_CASE("compare answers as run does for the same study in YAML", "[cli]") {
    const auto from_words = compared({kMixtral, kLlama, "--gpu", "h100_sxm", "--count", "2", "--precision",
                                      "fp8", "--batch", "32", "--skew", "0.6"});
    auto start = program({"run", "-", "--format", "json"});
    start.input =
        "workload: {lengths: {input: 1024, output: 256}, load: {concurrency: 32}}\nrouting: {zipf: {alpha: "
        "0.6}}\n"
        "candidates:\n  - {name: Mixtral-8x7B-v0-1, model: mistralai/Mixtral-8x7B-v0.1, precision: fp8, gpu: "
        "h100_sxm, count: 2}\n"
        "  - {name: Meta-Llama-3-70B, model: meta-llama/Meta-Llama-3-70B, precision: fp8, gpu: h100_sxm, "
        "count: 2}\n"
        "sweep: {batch: [1, 2, 4, 8, 16, 32, 64, 128, 256]}\n";
    const auto from_yaml = Json::parse(run_program(start).out);
    CHECK(from_words.at("candidates") == from_yaml.at("candidates"));
    CHECK(from_words.at("verdict") == from_yaml.at("verdict"));
}

TEST_CASE("a --save writes a study that gives the same answer", "[cli]") {
    const Scratch scratch;
    const auto file = scratch.path("saved.yaml");
    const auto direct =
        compared({kMixtral, "meta-llama/Meta-Llama-3-8B@gpu=a100_sxm,count=1,price=1.25,skew=0", "--gpu",
                  "h100_sxm", "--count", "2", "--tier", "spot", "--isl", "2000", "--osl", "100",
                  "--utilisation", "40 %", "--save", file});
    const auto reread = run({"run", file, "--format", "json"});
    INFO(text_of(file));
    REQUIRE(reread.code == 0);
    CHECK(direct.at("candidates") == Json::parse(reread.out).at("candidates"));
}

TEST_CASE("what stands behind @ is that candidate's alone", "[cli]") {
    const auto json =
        compared({std::string(kMixtral) + "@gpu=h200_sxm,count=4,tp=2,ep=2,precision=bf16,kv=fp8,osl=64",
                  kMixtral, "--gpu", "h100_sxm", "--count", "2", "--precision", "fp8"});
    const auto& first = json.at("scenario").at("candidates").at(0);
    CHECK(first.at("gpu") == "h200_sxm");
    CHECK(first.at("count") == 4);
    CHECK(first.at("layout") == Json{{"tp", 2}, {"ep", 2}});
    CHECK(first.at("precision") == Json{{"all", "bf16"}, {"kv", "fp8"}});
    CHECK(first.at("lengths") == Json{{"input", 1024}, {"output", 64}});
    const auto& second = json.at("scenario").at("candidates").at(1);
    CHECK(second.at("gpu") == "h100_sxm");
    CHECK(second.at("count") == 2);
    CHECK(second.at("precision") == "fp8");
    CHECK_FALSE(second.contains("lengths"));
    CHECK(first.at("name") != second.at("name"));
}

TEST_CASE("without --count the fewest GPUs that hold it are taken, and said", "[cli]") {
    const auto result =
        run({"compare", kLlama, "--gpu", "h100_sxm", "--precision", "fp8", "--format", "json"});
    REQUIRE(result.code == 0);
    const Json json = Json::parse(result.out);
    CHECK(json.at("scenario").at("candidates").at(0).at("count") == 2);   // 72.7 GB of weights, 80 GB a GPU
    CHECK_THAT(result.err, ContainsSubstring("2 GPUs, the fewest that hold it and 32 requests"));
    CHECK(run({"compare", kLlama, "--gpu", "h100_sxm", "--precision", "fp8", "--count", "2"}).err.empty());
}

TEST_CASE("batches of 1 to 256 are swept unless told otherwise", "[cli]") {
    const auto with = compared({kMixtral, "--gpu", "h100_sxm", "--count", "2"});
    CHECK(with.at("scenario").at("sweep").at("batch") == Json{1, 2, 4, 8, 16, 32, 64, 128, 256});
    const auto without = compared({kMixtral, "--gpu", "h100_sxm", "--count", "2", "--no-sweep"});
    CHECK_FALSE(without.at("scenario").contains("sweep"));
}

TEST_CASE("requests can come at a rate, and the price be one's own", "[cli]") {
    const auto json = compared(
        {kMixtral, "--gpu", "h100_sxm", "--count", "2", "--rate", "2/s", "--price", "2.50", "--no-sweep"});
    CHECK(json.at("scenario").at("workload").at("load").contains("poisson"));
    CHECK(json.at("candidates").at(0).at("metrics").at("usd_per_hour").at("value") == 5);
    const auto both = run({"compare", kMixtral, "--gpu", "h100_sxm", "--rate", "2/s", "--batch", "4",
                           "--price", "1", "--tier", "spot"});
    CHECK(both.code == 2);
    CHECK(lines_in(both.err) == 2);
}

TEST_CASE("a benchmark adds the cost of a correct answer", "[cli]") {
    const auto json = compared({kMixtral, kLlama, "--gpu", "h100_sxm", "--count", "4", "--benchmark",
                                "gpqa_diamond", "--objective", "usd_per_correct_answer"});
    for (const auto& candidate : json.at("candidates"))
        CHECK(candidate.at("metrics").contains("usd_per_correct_answer"));
    CHECK(json.at("verdict").at("objective") == "usd_per_correct_answer");
}

TEST_CASE("a model may be a file of the user's own", "[cli]") {
    const Scratch scratch;
    const auto config =
        scratch.file("tiny.model/config.json",
                     R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 1024,
        "intermediate_size": 4096, "num_hidden_layers": 4, "num_attention_heads": 8, "num_key_value_heads": 4, "vocab_size": 32000,
        "hidden_act": "silu", "max_position_embeddings": 4096, "tie_word_embeddings": false, "torch_dtype": "bfloat16"})");
    for (const auto& path : {config, scratch.path("tiny.model")}) {
        const auto json = compared({path, "--gpu", "h100_sxm", "--count", "1"});
        CHECK(json.at("candidates").at(0).at("name") == "tiny-model");
        // 2 x 32000 x 1024 embeddings, 4 x (1024 (8+4+4+8) 128 + 3 x 1024 x 4096) layers, norms
        CHECK(json.at("candidates").at(0).at("metrics").at("params_total").at("value") ==
              2 * 32000 * 1024 + 4 * (1024 * 24 * 128 + 3 * 1024 * 4096 + 2 * 1024) + 1024);
    }
}

TEST_CASE("experts in a format whose kernels are slow are told of the fast one", "[cli]") {
    const auto told = [](const char* model, const char* gpu, const char* format) {
        return run({"compare", model, "--gpu", gpu, "--precision", format, "--no-sweep", "--format", "json"}).out;
    };
    CHECK_THAT(told("mixtral-8x7b", "h100_sxm", "fp8"), ContainsSubstring("as fast in fp8_block"));
    CHECK_THAT(told("mixtral-8x7b", "h100_sxm", "fp8_block"), !ContainsSubstring("as fast in fp8_block"));
    CHECK_THAT(told("mixtral-8x7b", "b200_sxm", "fp8"), !ContainsSubstring("as fast in fp8_block"));
    CHECK_THAT(told("llama-3-8b", "h100_sxm", "fp8"), !ContainsSubstring("as fast in fp8_block"));
}
