// A study as a grid: which study a point stands for, and what makes two sweeps different.
#include <algorithm>
#include <set>

#include "sim/sweep/study.h"
#include "tests/support/catch.h"
#include "tests/support/study.h"

using namespace moeplan;

namespace {

constexpr const char* kTwo =
    "name: two\n"
    "workload: {lengths: {input: 1000, output: 100}, load: {concurrency: 8}}\n"
    "price: {gpu_hour: 2 USD}\n"
    "candidates:\n"
    "  - {name: a, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm, count: 1, precision: {all: bf16, kv: fp8}}\n"
    "  - {name: b, model: mistralai/Mixtral-8x7B-v0.1, gpu: h100_sxm, count: 2, utilisation: 50 %}\n";

SweepOrder order_of(const std::string& more, std::vector<std::string> overs = {}, std::vector<std::string> sets = {}) {
    return {kTwo + more, "two.yaml", std::move(sets), std::move(overs), "1.0", {}};
}

SweepStudy study_of(const std::string& more, std::vector<std::string> overs = {}) {
    auto study = SweepStudy::read(order_of(more, std::move(overs)));
    INFO(problems_of(study));
    REQUIRE(study);
    return std::move(*study);
}

Scenario at(const SweepStudy& study, std::uint64_t point) {
    auto scenario = study.at(point);
    INFO(problems_of(scenario));
    REQUIRE(scenario);
    return std::move(*scenario);
}

// The study with one value of one axis of `sweep:`.
Scenario turned(const std::string& axis, const std::string& value) {
    return at(study_of("sweep: {" + axis + ": [" + value + "]}\n"), 0);
}

std::string told(SweepOrder order) { return problems_of(SweepStudy::read(std::move(order))); }

}  // namespace

TEST_CASE("the study's axes come first, then each over in its order") {
    const auto study = study_of("sweep: {batch: [1, 4], gpu: [h100_sxm, h200_sxm]}\n", {"seed=1..3", "b.count=2,4"});
    std::vector<std::string> names;
    for (const auto& axis : study.grid().axes) names.push_back(axis.name);
    CHECK(names == std::vector<std::string>{"batch", "gpu", "seed", "b.count"});
    CHECK(study.grid().points() == 2 * 2 * 3 * 2);
}

TEST_CASE("a point is the study with its values, and sweeps and expects nothing") {
    const auto study = study_of("sweep: {batch: [1, 4]}\nexpect: [{metric: a.fits, is: true}]\n", {"seed=5..6", "b.count=2,4"});
    const Scenario last = at(study, 7);
    CHECK(std::get<ClosedLoop>(last.workload.load).concurrency == 4);
    CHECK(last.seed == 6);
    CHECK(last.candidates[0].count == 1);
    CHECK(last.candidates[1].count == 4);
    CHECK(last.sweep.empty());
    CHECK(last.expect.empty());
    const Scenario first = at(study, 0);
    CHECK(std::get<ClosedLoop>(first.workload.load).concurrency == 1);
    CHECK(first.seed == 5);
    CHECK(first.candidates[1].count == 2);
}

TEST_CASE("an axis of the sweep is set for every candidate") {
    for (const Candidate& c : turned("gpu", "h200_sxm").candidates) CHECK(c.gpu == "h200_sxm");
    for (const Candidate& c : turned("count", "8").candidates) CHECK(c.count == 8);
    for (const Candidate& c : turned("engine", "sglang").candidates) CHECK(c.engine == "sglang");
    for (const Candidate& c : turned("model", "openai/gpt-oss-120b").candidates) CHECK(c.model == "openai/gpt-oss-120b");
    for (const Candidate& c : turned("layout", "{tp: 2}").candidates) CHECK(c.layout.value().tp == 2);
    for (const Candidate& c : turned("layout", "auto").candidates) CHECK_FALSE(c.layout.has_value());
}

TEST_CASE("a number format replaces the weights' and keeps the cache's, native replaces both") {
    const Candidate eight = turned("precision", "fp8").candidates[0];
    CHECK(eight.precision.all == NumberFormat::fp8);
    CHECK(eight.precision.kv == NumberFormat::fp8);
    const Candidate native = turned("precision", "native").candidates[0];
    CHECK(native.precision == PrecisionSpec{});
}

TEST_CASE("numbers are set in the study and where a candidate has its own") {
    CHECK(std::get<FixedLengths>(turned("input", "77").workload.lengths).input == 77);
    CHECK(std::get<FixedLengths>(turned("output", "78").workload.lengths).output == 78);
    const Scenario busy = turned("utilisation", "25 %");
    CHECK(busy.money.utilisation == 0.25);
    CHECK(busy.candidates[1].money.value().utilisation == 0.25);
    const Scenario dear = turned("gpu_hour", "9 USD");
    CHECK(std::get<GivenPrice>(dear.money.price).usd_per_gpu_hour == 9);
    CHECK(std::get<GivenPrice>(dear.candidates[1].money.value().price).usd_per_gpu_hour == 9);
    CHECK(std::get<ZipfRouting>(turned("skew", "0.5").routing).alpha == 0.5);
    CHECK(std::holds_alternative<UniformRouting>(turned("skew", "0").routing));
}

TEST_CASE("a distribution of lengths keeps its shape around another mean") {
    const auto of = [](const std::string& lengths) {
        auto order = order_of("sweep: {input: [500]}\n", {}, {"workload.lengths=" + lengths});
        const auto study = SweepStudy::read(std::move(order));
        INFO(problems_of(study));
        REQUIRE(study);
        return at(*study, 0).workload.lengths;
    };
    const auto uniform = std::get<UniformLengths>(of("{uniform: {input: [100, 300], output: [10, 20]}}"));
    CHECK(uniform.input_low == 250);
    CHECK(uniform.input_high == 750);
    CHECK(uniform.output_low == 10);
}

TEST_CASE("an accuracy given as a number is varied, a published one is refused at its points") {
    const auto quality = [](const std::string& text) {
        return SweepStudy::read(order_of("quality: " + text + "\nsweep: {accuracy: [0.5]}\n"))->at(0);
    };
    const auto given = quality("{accuracy: 0.8, questions: 1000}");
    REQUIRE(given);
    CHECK(std::get<GivenAccuracy>(given->quality->source).accuracy == 0.5);
    CHECK_THAT(problems_of(quality("{benchmark: gsm8k}")), ContainsSubstring("cannot be varied; give it as a number"));
}

TEST_CASE("an over of a sweep's axis replaces the study's") {
    const auto study = study_of("sweep: {batch: [1, 4, 16]}\n", {"batch=2,32"});
    REQUIRE(study.grid().axes.size() == 1);
    CHECK(study.grid().axes[0].values == std::vector<std::string>{"2", "32"});
    CHECK_FALSE(study.grid().axes[0].is_path);
}

TEST_CASE("axes that set the same thing are refused, whatever they are called") {
    const auto both = [](const std::string& more, std::vector<std::string> overs) { return told(order_of(more, std::move(overs))); };
    CHECK_THAT(both("", {"a.count=1,2", "candidates[0].count=1,2"}), ContainsSubstring("sets what the axis 'a.count' sets"));
    CHECK_THAT(both("sweep: {count: [1, 2]}\n", {"b.count=2,4"}), ContainsSubstring("sets what the axis 'count' sets"));
    CHECK_THAT(both("sweep: {batch: [1, 2]}\n", {"workload.load.concurrency=2,4"}), ContainsSubstring("sets what the axis 'batch' sets"));
    CHECK_THAT(both("", {"workload.load.concurrency=1,2", "workload.load={concurrency: 4},{poisson: {rate: 1/s}}"}), ContainsSubstring("sets what the axis"));
    // Where a candidate has its own, such axes set that too.
    CHECK_THAT(both("sweep: {input: [100, 200]}\n", {"a.lengths={input: 5, output: 5},{input: 6, output: 6}"}), ContainsSubstring("sets what the axis 'input' sets"));
    CHECK_THAT(both("sweep: {skew: [0, 1]}\n", {"a.routing=uniform,{zipf: {alpha: 1}}"}), ContainsSubstring("sets what the axis 'skew' sets"));
    CHECK(study_of("sweep: {input: [100, 200], output: [10, 20]}\n", {"a.count=1,2", "b.count=2,4"}).grid().axes.size() == 4);
}

TEST_CASE("a study without candidates gets one, made of its axes") {
    const std::string text = "price: {gpu_hour: 2 USD}\nsweep: {model: [openai/gpt-oss-120b], gpu: [h100_sxm], count: [2]}\n";
    const auto study = SweepStudy::read({text, "none.yaml", {}, {}, "1.0", {}});
    REQUIRE(study);
    const Scenario only = at(*study, 0);
    REQUIRE(only.candidates.size() == 1);
    CHECK(only.candidates[0].model == "openai/gpt-oss-120b");
    CHECK(only.candidates[0].gpu == "h100_sxm");
    CHECK(only.candidates[0].count == 2);
}

TEST_CASE("paths and values that are wrong are told before any point, once and with the nearest name") {
    const std::string all = told(order_of("", {"sed=1..20", "b.cuont=2,4", "batch=1,x"}));
    CHECK_THAT(all, ContainsSubstring("--over: sed: unknown key 'sed'; did you mean 'seed'?"));
    CHECK_THAT(all, ContainsSubstring("unknown key 'cuont'; did you mean 'count'?"));
    CHECK_THAT(all, ContainsSubstring("sweep.batch[1]: expected a number, found the text 'x'"));
    CHECK(std::count(all.begin(), all.end(), '\n') == 3);
    CHECK_THAT(told(order_of("", {"b.count=2,0"})), ContainsSubstring("--over: candidates[1].count: expected a whole number"));
    CHECK_THAT(told(order_of("", {"sweep.batch=1,2"})), ContainsSubstring("write batch="));
    CHECK_THAT(told(order_of("")), ContainsSubstring("there is nothing to vary"));
}

TEST_CASE("values that only go together at some points are no reason to refuse the grid") {
    const auto study = study_of("", {"b.layout.tp=2,4", "b.count=2,4"});
    CHECK(study.grid().points() == 4);
}

TEST_CASE("names nobody knows are told before any point") {
    const auto study = study_of("sweep: {engine: [vllm, vlm]}\n", {"a.gpu=h100_sxm,h100_smx", "b.model=mixtral-8x7b,mixtral-8x8b"});
    std::string text;
    for (const Problem& p : study.unknown_names(builtin_catalog())) text += to_text(p) + "\n";
    CHECK_THAT(text, ContainsSubstring("sweep: engine: 'vlm' is not a known engine; did you mean 'vllm'?"));
    CHECK_THAT(text, ContainsSubstring("--over: a.gpu: 'h100_smx' is not a known GPU; did you mean"));
    CHECK_THAT(text, ContainsSubstring("mixtral-8x8b"));
    CHECK(std::count(text.begin(), text.end(), '\n') == 3);
}

TEST_CASE("the fingerprint follows everything that decides a row, and nothing else") {
    const auto print = [](SweepOrder order) { return SweepStudy::read(std::move(order))->fingerprint(); };
    const SweepOrder order = order_of("", {"seed=1..3"});
    const std::string same = print(order);
    CHECK(same.size() == 16);
    CHECK(print(order) == same);
    SweepOrder moved = order;
    moved.file = "elsewhere/two.yaml";
    CHECK(print(moved) == same);
    std::vector<SweepOrder> others(5, order);
    others[0].text += "# a remark\n";
    others[1].sets = {"seed=4"};
    others[2].overs = {"seed=1..4"};
    others[3].version = "1.1";
    others[4].inputs = {"models.yaml"};
    std::set<std::string> prints{same};
    for (SweepOrder& other : others) prints.insert(print(std::move(other)));
    CHECK(prints.size() == 6);
}
