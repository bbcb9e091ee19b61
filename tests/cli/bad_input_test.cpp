// Files that are broken, hostile or absurd: a clear message, exit code 2, no crash, no hang.
#include <functional>

#include "tests/cli/moeplan.h"

using namespace moeplan::test;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
constexpr double kMostSeconds = 60;
#else
constexpr double kMostSeconds = 2;
#endif

struct Broken {
    std::string what;
    std::string text;
    std::string said;   // part of the message
};

std::string repeat(const std::string& text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

// Nine levels of nine aliases each: 3.9e8 nodes when expanded.
std::string billion_laughs() {
    std::string text = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
    for (char level = 'b'; level <= 'i'; ++level) {
        const std::string last(1, static_cast<char>(level - 1));
        text +=
            std::string(1, level) + ": &" + level + " [" + repeat("*" + last + ",", 8) + "*" + last + "]\n";
    }
    return text;
}

std::string candidate(const std::string& keys) {
    return "candidates: [{name: a, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm, " + keys + "}]\n";
}

std::vector<Broken> broken_studies() {
    return {
        {"empty", "", "empty"},
        {"only a comment", "# nothing\n", "empty"},
        {"binary",
         std::string("\x7f"
                     "ELF\x00\x01\x02\xff\xfe",
                     9),
         ""},
        {"not YAML", "candidates: [\n", ":"},
        {"a tab", "candidates:\n\t- a\n", ":2"},
        {"a list", "- 1\n- 2\n", "expected a study"},
        {"a number", "42\n", ""},
        {"deeply nested", repeat("[", 100'000) + repeat("]", 100'000), "deep"},
        {"deeply nested maps", repeat("{a: ", 10'000) + "1" + repeat("}", 10'000), "deep"},
        {"anchors that explode", billion_laughs(), ""},
        {"100 MB",
         "candidates:\n" + repeat("- {name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}\n", 2'000'000),
         "larger than"},
        {"one long line", "name: " + std::string(20'000'000, 'x') + "\n", "larger than"},
        {"no candidates", "name: x\n", "no candidates"},
        {"an unknown key", candidate("cuont: 2"), "did you mean 'count'?"},
        {"a missing unit", "workload: {slo: {ttft_p99: 1}}\n" + candidate("count: 1"), "ttft_p99"},
        {"the wrong type", candidate("count: many"), "count"},
        {"not a number", "workload: {load: {concurrency: .nan}}\n" + candidate("count: 1"), "concurrency"},
        {"infinity", "workload: {lengths: {input: .inf, output: 1}}\n" + candidate("count: 1"), "input"},
        {"a negative count", candidate("count: -2"), "count"},
        {"no GPU", candidate("count: 0"), "count"},
        {"an absurd count", candidate("count: 99999999999999999999"), "count"},
        {"tp that does not divide heads", candidate("count: 3, layout: {tp: 3}"), "tp"},
        {"ep larger than the experts",
         "candidates: [{name: a, model: mistralai/Mixtral-8x7B-v0.1, gpu: h100_sxm, count: 16, layout: {tp: "
         "16, ep: 16}}]\n",
         "ep"},
        {"experts in a dense model", candidate("count: 2, layout: {tp: 2, ep: 2}"), "ep"},
        {"an unknown GPU", "candidates: [{name: a, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxn}]\n",
         "did you mean 'h100_sxm'?"},
        {"a trace that is not there", "workload: {lengths: {trace: missing.csv}}\n" + candidate("count: 1"),
         "missing.csv"},
        {"counts that are not there",
         "routing: {counts: missing.csv}\ncandidates: [{name: a, model: mistralai/Mixtral-8x7B-v0.1, gpu: "
         "h100_sxm, count: 2}]\n",
         "missing.csv"},
        {"a model that is not there",
         "candidates: [{name: a, model: ./missing/config.json, gpu: h100_sxm}]\n", "missing/config.json"},
        {"an expectation of nobody", candidate("count: 1") + "expect: [{metric: b.fits, is: true}]\n",
         "no candidate 'b'"},
        {"an expectation of no metric",
         candidate("count: 1") + "expect: [{metric: a.tpot_mss, at_most: 1}]\n", "did you mean 'tpot_ms'?"},
        {"an objective that is none", "objective: cheapness\n" + candidate("count: 1"), "objective"},
    };
}

void check_refused(const std::string& what, const std::vector<std::string>& words, const std::string& said) {
    const auto result = run(words);
    INFO(what << "\n" << result.err.substr(0, 2000));
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK(result.err.size() < 200'000);
    CHECK(result.err.substr(0, 7) == "error: ");
    CHECK_THAT(result.err, ContainsSubstring(said));
    CHECK(result.cpu_seconds < kMostSeconds);
}

}  // namespace

TEST_CASE("every kind of broken study is refused with a message, quickly", "[cli][bad]") {
    const Scratch scratch;
    for (const auto& broken : broken_studies()) {
        const auto file = scratch.file("study.yaml", broken.text);
        check_refused(broken.what, {"run", file}, broken.said);
        const bool other_file = broken.said == "missing.csv";
        check_refused(broken.what, {"run", file}, other_file ? "missing.csv" : "study.yaml");
    }
}

TEST_CASE("places that are no study are refused", "[cli][bad]") {
    const Scratch scratch;
    check_refused("a missing file", {"run", scratch.path("missing.yaml")}, "missing.yaml");
    check_refused("a folder", {"run", scratch.path("")}, "folder");
    check_refused("an empty device", {"run", "/dev/null"}, "/dev/null");
    check_refused("an endless device", {"run", "/dev/zero"}, "/dev/zero");
    check_refused("an empty name", {"run", ""}, "error");
}

TEST_CASE("every kind of broken model is refused with a message, quickly", "[cli][bad]") {
    const Scratch scratch;
    const std::vector<Broken> models{
        {"empty", "", "config.json"},
        {"not JSON", "{\"hidden_size\": ", "config.json"},
        {"a list", "[1, 2]", "config.json"},
        {"strings for numbers", R"({"model_type": "llama", "hidden_size": "4096", "num_hidden_layers": "x"})",
         "hidden_size"},
        {"negative sizes",
         R"({"model_type": "llama", "hidden_size": -4096, "num_hidden_layers": 2, "num_attention_heads": 8, "vocab_size": 10, "intermediate_size": 10})",
         "hidden_size"},
        {"no sizes", R"({"model_type": "llama"})", "hidden_size"},
        {"deeply nested", repeat("[", 200'000), "config.json"},
        {"too large", "{\"a\": \"" + std::string(30'000'000, 'x') + "\"}", "config.json"},
    };
    for (const auto& model : models) {
        check_refused(model.what, {"model", scratch.file("config.json", model.text)}, model.said);
    }
    check_refused("a truncated GGUF",
                  {"model", scratch.file("t.gguf", std::string("GGUF\x03\x00\x00\x00\xff\xff", 10))},
                  "t.gguf");
    check_refused("no GGUF", {"model", scratch.file("t.gguf", "not a model")}, "t.gguf");
    check_refused("a folder without a config", {"model", scratch.path("")}, "config.json");
}

TEST_CASE("a broken catalog folder is refused with its lines", "[cli][bad]") {
    const Scratch scratch;
    scratch.file("catalog/gpus.yaml", "my_gpu:\n  memory: 80\n");
    check_refused("no unit", {"gpu", "--catalog", scratch.path("catalog")}, "gpus.yaml:2");
    check_refused("no folder", {"gpu", "--catalog", scratch.path("nothing")}, "nothing");
}

TEST_CASE("a broken table of measurements is refused", "[cli][bad]") {
    const Scratch scratch;
    check_refused("missing", {"validate", "serving", scratch.path("missing.csv")}, "missing.csv");
    check_refused("empty", {"validate", "serving", scratch.file("m.csv", "")}, "m.csv");
    check_refused("other columns", {"validate", "serving", scratch.file("m.csv", "a,b\n1,2\n")}, "m.csv");
}
