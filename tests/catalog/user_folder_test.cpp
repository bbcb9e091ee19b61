#include <filesystem>
#include <fstream>

#include "core/catalog/catalog.h"
#include "tests/support/catch.h"
#include "tests/support/scratch.h"

using namespace moeplan;
namespace fs = std::filesystem;

namespace {

// A catalog folder that lives as long as the test.
struct Folder : Scratch {
    void write(const std::string& name, const std::string& text) const { file(name, text); }
    std::string str() const { return path().string(); }
};

const std::string kOwnGpu = R"(
my_gpu:
  name: My GPU
  aliases: [mine]
  memory: 64 GB
  bandwidth: 2 TB/s
  peak: {bf16: 500 TFLOP/s}
  bandwidth_fraction: {value: 0.8, low: 0.7, high: 0.9}
  compute_fraction: 0.7
  link_fraction: 0.8
  link_domain: 1
  pcie: 55 GB/s
  sources:
    - {of: [memory, bandwidth, peak, bandwidth_fraction, compute_fraction, link_fraction, link_domain, pcie], source: our own measurement}
)";

std::string all_text(const Problems& problems) {
    std::string out;
    for (const Problem& p : problems) out += to_text(p) + "\n";
    return out;
}

std::string problems_of(const Folder& folder) {
    const auto catalog = catalog_with(folder.str());
    REQUIRE_FALSE(catalog.has_value());
    return all_text(catalog.error());
}

}  // namespace

TEST_CASE("A user's GPU is added and ours stay") {
    Folder folder;
    folder.write("gpus.yaml", kOwnGpu);
    const auto catalog = catalog_with(folder.str());
    REQUIRE(catalog.has_value());
    REQUIRE(catalog->device("mine") != nullptr);
    CHECK(catalog->device("MINE")->memory.value == Approx(64e9));
    CHECK(catalog->device("mine")->compute_fraction == Estimate::exact(0.7));
    CHECK(catalog->device("h100") != nullptr);
    CHECK(catalog->devices().size() == builtin_catalog().devices().size() + 1);
    CHECK(builtin_catalog().device("mine") == nullptr);
}

TEST_CASE("One figure of a known GPU can be overridden and the others keep their sources") {
    Folder folder;
    folder.write(
        "gpus.yaml",
        "h100_sxm:\n  network: 100 GB/s\n  sources: [{of: [network], source: two ports per GPU here}]\n");
    const auto catalog = catalog_with(folder.str());
    REQUIRE(catalog.has_value());
    const DeviceSpec& ours = *catalog->device("h100");
    const DeviceSpec& theirs = *builtin_catalog().device("h100");
    CHECK(ours.network.value == Approx(100e9));
    CHECK(ours.memory == theirs.memory);
    CHECK(ours.sources.size() == theirs.sources.size());
    int named = 0;
    for (const Datum& d : ours.sources) named += d.field == "network" && d.source == "two ports per GPU here";
    CHECK(named == 1);
}

TEST_CASE("A user's price replaces ours at the same tier, and may name the GPU by alias") {
    Folder folder;
    folder.write(
        "prices.yaml",
        "- {gpu: h100, tier: on_demand, median: 1.80 USD/h, date: \"2026-06-01\", source: our contract}\n");
    const auto catalog = catalog_with(folder.str());
    REQUIRE(catalog.has_value());
    REQUIRE(catalog->price("h100_sxm", "on_demand") != nullptr);
    CHECK(catalog->price("h100_sxm", "on_demand")->median_usd == Approx(1.8));
    CHECK(catalog->price("h100_sxm", "on_demand")->high_usd == Approx(1.8));
    CHECK(catalog->prices().size() == builtin_catalog().prices().size());
    CHECK(catalog->price("h100_sxm", "spot") != nullptr);
}

TEST_CASE("A user's score goes before ours of the same model and benchmark") {
    Folder folder;
    folder.write("scores.yaml",
                 "- evaluator: us\n  source: our run\n  questions: 500\n  rows: [{model: our/model, percent: "
                 "{gsm8k: 71.5}}]\n");
    const auto catalog = catalog_with(folder.str());
    REQUIRE(catalog.has_value());
    const Score& first = catalog->scores().front();
    CHECK(first.model == "our/model");
    CHECK(first.accuracy == Approx(0.715));
    CHECK(first.questions == 500);
    CHECK(catalog->scores().size() == builtin_catalog().scores().size() + 1);
}

TEST_CASE("An engine's single figure, storage and closed models can be overridden") {
    Folder folder;
    folder.write("engines.yaml",
                 "vllm:\n  memory_fraction: 0.85\n  sources: [{of: memory_fraction, source: our setting}]\n");
    folder.write("storage.yaml", "disk: {value: 3 GB/s, source: fio here}\n");
    folder.write("undisclosed.yaml", "- {pattern: secret-*, reason: not ours to tell}\n");
    const auto catalog = catalog_with(folder.str());
    REQUIRE(catalog.has_value());
    CHECK(catalog->engine("vllm")->memory_fraction == Approx(0.85));
    CHECK(catalog->engine("vllm")->block_tokens == 16);
    CHECK(catalog->storage().disk.value == Approx(3e9));
    CHECK(catalog->storage().network.value == builtin_catalog().storage().network.value);
    CHECK(catalog->storage().sources.size() == 4);
    CHECK(catalog->undisclosed_reason("secret-7b") == std::optional<std::string>("not ours to tell"));
}

TEST_CASE("All problems of a broken folder are reported at once, each with file and line") {
    Folder folder;
    folder.write(
        "gpus.yaml",
        "bad_gpu:\n  memory: 80\n  bandwith: 1 TB/s\n  peak: {bf16: 1 TFLOP/s}\nh100_sxm:\n  power: 650 W\n");
    folder.write("prices.yaml",
                 "- {gpu: h100_sx, tier: on-demand, median: 2.5, date: \"2026\", source: x}\n");
    folder.write("engines.yaml", "vllm:\n  block_tokens: 0\n  sources: [{of: [block_tokens], source: x}]\n");
    const std::string text = problems_of(folder);
    INFO(text);
    CHECK_THAT(text, ContainsSubstring("gpus.yaml:2"));  // no unit
    CHECK_THAT(text, ContainsSubstring("gpus.yaml:3"));  // misspelt key
    CHECK_THAT(text, ContainsSubstring("did you mean 'bandwidth'?"));
    CHECK_THAT(text, ContainsSubstring("'bandwidth' is missing"));
    CHECK_THAT(text, ContainsSubstring("'peak.bf16' has no source"));
    CHECK_THAT(text, ContainsSubstring("'power' has no source"));
    CHECK_THAT(text, ContainsSubstring("'h100_sx' is not in the catalog of GPUs"));
    CHECK_THAT(text, ContainsSubstring("did you mean 'h100_sxm'?"));
    CHECK_THAT(text, ContainsSubstring("did you mean 'on_demand'?"));
    CHECK_THAT(text, ContainsSubstring("prices.yaml:1"));
    CHECK_THAT(text, ContainsSubstring("engines.yaml:2"));
}

TEST_CASE("Figures that cannot be are refused") {
    Folder folder;
    const auto with = [](std::string text, const std::string& from, const std::string& to) {
        const auto at = text.find(from);
        REQUIRE(at != std::string::npos);
        return text.replace(at, from.size(), to);
    };
    for (const auto& [from, to, expected] : std::vector<std::array<std::string, 3>>{
             {"memory: 64 GB", "memory: 0 GB", "a positive figure is expected"},
             {"memory: 64 GB", "memory: -1 GB", "gpus.yaml:5"},
             {"memory: 64 GB", "memory: .nan", "gpus.yaml:5"},
             {"compute_fraction: 0.7", "compute_fraction: 1.2", "a share above 0 and up to 1 is expected"},
             {"low: 0.7", "low: 0.85", "gpus.yaml:8"},
             {"link_domain: 1", "link_domain: 0", "gpus.yaml:11"},
             {"{bf16: 500 TFLOP/s}", "{bf17: 500 TFLOP/s}", "did you mean 'bf16'?"},
             {"{bf16: 500 TFLOP/s}", "{}", "at least one dense rate is expected"},
             {"pcie], source: our own measurement", "pcie], note: no idea", "'source' is missing"}}) {
        INFO(to);
        folder.write("gpus.yaml", with(kOwnGpu, from, to));
        CHECK_THAT(problems_of(folder), ContainsSubstring(expected));
    }
}

TEST_CASE("An alias that another entry has is refused") {
    Folder folder;
    std::string text = kOwnGpu;
    text.replace(text.find("[mine]"), 6, "[H100]");
    folder.write("gpus.yaml", text);
    CHECK_THAT(problems_of(folder), ContainsSubstring("the alias 'H100' of 'my_gpu' also names 'h100_sxm'"));
    text = kOwnGpu;
    text.replace(text.find("[mine]"), 6, "[t4]");
    folder.write("gpus.yaml", text);
    CHECK_THAT(problems_of(folder), ContainsSubstring("the alias 't4' of 'my_gpu' also names 't4'"));
}

TEST_CASE("A folder that is missing, empty or has a misspelt file says so") {
    const auto missing = catalog_with("/no/such/folder");
    REQUIRE_FALSE(missing.has_value());
    CHECK_THAT(missing.error().front().what, ContainsSubstring("is not there"));
    Folder folder;
    CHECK_THAT(problems_of(folder), ContainsSubstring("no catalog file is in this folder"));
    folder.write("gpu.yaml", kOwnGpu);
    CHECK_THAT(problems_of(folder), ContainsSubstring("did you mean 'gpus.yaml'?"));
}

TEST_CASE("A file that is not YAML, or a list where a map belongs, is one clear problem") {
    Folder folder;
    folder.write("gpus.yaml", "a: [1, 2\n");
    CHECK_THAT(problems_of(folder), ContainsSubstring("gpus.yaml"));
    folder.write("gpus.yaml", "- a\n- b\n");
    CHECK_THAT(problems_of(folder), ContainsSubstring("a map from device id to its figures is expected"));
    folder.write("gpus.yaml", kOwnGpu);
    folder.write("prices.yaml", "h100: 3\n");
    CHECK_THAT(problems_of(folder),
               ContainsSubstring("a list of {gpu, tier, median, date, source} is expected"));
}

TEST_CASE("A user's model is a config beside models.yaml, and a missing config says so") {
    Folder folder;
    const std::string index =
        "us/own-7b:\n  config: models/own.json\n  aliases: [own]\n  source: our training\n  published: "
        "{total_b: 7, source: us}\n";
    folder.write("models.yaml", index);
    CHECK_THAT(problems_of(folder), ContainsSubstring("'models/own.json' cannot be read"));
    folder.write("models/own.json", "{}");
    const auto catalog = catalog_with(folder.str());
    REQUIRE(catalog.has_value());
    REQUIRE(catalog->model("OWN") != nullptr);
    CHECK(catalog->model("own")->config_json == "{}");
    CHECK(catalog->model("own")->published.total_b == 7);
    CHECK(catalog->models().size() == builtin_catalog().models().size() + 1);
    folder.write("models.yaml",
                 "us/own-7b:\n  source: our training\n  published: {total_b: 7, active_b: 9, source: us}\n");
    const std::string text = problems_of(folder);
    CHECK_THAT(text, ContainsSubstring("'config' is missing"));
    CHECK_THAT(text, ContainsSubstring("more active than total parameters"));
}
