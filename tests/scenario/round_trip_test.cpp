// Law: a scenario saved and loaded again is the same scenario, for every feature of the format.
#include "core/scenario/scenario.h"
#include "core/yaml/reader.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

Scenario loaded(const std::string& text) {
    auto scenario = parse_scenario(text, "study.yaml");
    std::string problems;
    for (const auto& problem : scenario ? Problems{} : scenario.error()) problems += to_text(problem) + "\n";
    INFO(text);
    INFO(problems);
    REQUIRE(scenario.has_value());
    return *scenario;
}

const std::string kOne = "candidates: [{name: a, model: m, gpu: g}]\n";

void check_round_trip(const std::string& text) {
    const Scenario first = loaded(text);
    const std::string saved = save_scenario(first);
    INFO(saved);
    CHECK(loaded(saved) == first);
    CHECK(save_scenario(loaded(saved)) == saved);
}

}  // namespace

TEST_CASE("every study-level form survives saving", "[scenario][save]") {
    for (const char* section :
         {"name: \"5\"",
          "name: 'a: b # \"c\" é'",
          "seed: 9007199254740993",
          "objective: usd_per_correct_answer",
          "workload: {lengths: {input: 921.6, output: 0.1e3}, load: {concurrency: 32}, prefix_shared: 30 %}",
          "workload: {sampling: filtered}", "workload: {sampling: greedy}",
          "workload: {lengths: {uniform: {input: [100, 2000], output: [50, 500]}}, load: {poisson: {rate: "
          "240/min}}}",
          "workload: {lengths: {lognormal: {input: {mean: 1024, cv: 0.8}, output: {mean: 256, cv: 1.1}}}, "
          "load: {batch: 16}}",
          "workload: {lengths: {trace: traces/conv.csv}, load: {poisson: {rate: 0.333/s}}}",
          "workload: {slo: {ttft_p99: 1 s, tpot: 50 ms, e2e_p50: 2.5 min, e2e_p90: 3 h}}",
          "routing: uniform",
          "routing: {zipf: {alpha: 0.6}}",
          "routing: {power_law: {alpha: 1.2}}",
          "routing: {dirichlet: {kappa: 5}}",
          "routing: {counts: c.csv}",
          "routing: {counts: {file: c.csv, model: \"7\", dataset: gsm8k}}",
          "routing: {trace: 't, 1.csv'}",
          "placement: contiguous",
          "placement: round_robin",
          "placement: balanced",
          "placement: eplb",
          "placement: {eplb: {redundant: 32}}",
          "price: {tier: spot}",
          "price: {gpu_hour: 2.4567 USD}",
          "price: {owned: {capital: 30000 USD, years: 4.5, residual: 10 %, interest: 5 %, power: 1.3 kW, "
          "pue: 1.3, "
          "energy: 0.1 USD/kWh, space: 0.05 USD/h}}",
          "price: {owned: {capital: 30000 USD, power: 700 W, energy: 0.1 USD/kWh}}",
          "utilisation: 33.3 %",
          "energy: {pue: 1.3, co2: 0.4 kg/kWh, power_fraction: 70 %}",
          "energy: {power_fraction: {value: 70 %, low: 0.5, high: 90 %}}",
          "cold_start: {from: network, rate: 5 GB/s, engine: 20 s}",
          "cold_start: {from: page_cache}",
          "quality: {benchmark: gsm8k, evaluator: AA, model: Mixtral}",
          "quality: {accuracy: 79 %, questions: 1319, tokens_per_answer: 350}",
          "quality: {results: r.json, task: gsm8k, metric: 'exact_match,strict-match', samples: s.jsonl}",
          "cluster: {gpus_per_node: 8, network: 400 Gbit/s}",
          "sweep: {batch: [1, 2.5, 4], utilisation: [10 %, 0.333], gpu_hour: [1.5 USD], skew: [0, 0.7], "
          "input: [100], "
          "output: {from: 1, to: 100, steps: 3, scale: log}, accuracy: [70 %], tokens_per_answer: [100]}",
          "sweep: {model: [m1, org/m2], gpu: [g], count: [1, 2], layout: [auto, {tp: 2, ep: 2}, {tp: 2, dp: "
          "2, moe_tp: 2}], "
          "precision: [native, fp8], engine: [vllm]}",
          "models: {my-moe: {total: 128 B, active: 16 B, experts: 64, top_k: 2}, d: {total: 700 M, gated: "
          "false, vocab: 32000}}",
          "expect: [{name: n, metric: a.fits, is: false}, {metric: a.tpot_ms@batch=1, at_least: 3, when: "
          "conditional}]",
          "expect: [{ratio: [a.x, a.y], between: [4.8, 5.8]}, {difference: [a.x, a.y@skew=0.5], at_most: "
          "-1e-7}]",
          "expect: [{metric: a.x, equals: 46.7, tolerance: 1 %, conditional: true}, {metric: a.y, equals: "
          "0}]",
          "claim: {number: 3, text: 'Mixtral: 5x less', source: A, found: it is so}"}) {
        check_round_trip(std::string(section) + "\n" + kOne);
    }
}

TEST_CASE("every form of a candidate survives saving", "[scenario][save]") {
    for (const char* key : {"count: 64",
                            "precision: fp8",
                            "precision: native",
                            "precision: {all: bf16, experts: int4_g128, kv: fp8}",
                            "precision: {linear: fp8, embedding: bf16}",
                            "layout: {tp: 2}",
                            "layout: {tp: 2, pp: 2, dp: 4, ep: 8}",
                            "layout: {tp: 4, moe_tp: 2}",
                            "layout: auto, count: 4",
                            "engine: llama.cpp",
                            "profile: none",
                            "profile: auto",
                            "profile: h100_sxm-vllm",
                            "profile: 'measured here/h100 #1.json'",
                            "offload: {experts: 80 %}",
                            "offload: {experts: 80 %, rate: 50 GB/s}",
                            "speculative: {accept: 2.4}",
                            "kv_blocks: 12345",
                            "max_sequences: 128, token_budget: 2048, memory_fraction: 0.92",
                            "engine: tensorrt_llm, batch_wait: {steps: 20, fill: 90 %}",
                            "engine: tensorrt_llm, batch_wait: {steps: 1}",
                            "graph_tokens: 2048",
                            "graph_tokens: 0",
                            "whole_prompts: true, async_scheduling: false",
                            "whole_prompts: false",
                            "engine_version: 0.12.0",
                            "engine_version: '0.10'",
                            "routing: {zipf: {alpha: 1}}, placement: balanced",
                            "price: {tier: reserved}",
                            "utilisation: 12 %",
                            "energy: {pue: 1.2}",
                            "quality: {accuracy: 0.5, questions: 10}",
                            "quality: {tokens_per_answer: 200}",
                            "lengths: {input: 10, output: 20}"}) {
        check_round_trip(
            "utilisation: 50 %\nquality: {benchmark: mmlu}\ncandidates: [{name: a, model: m, gpu: g, " +
            std::string(key) + "}]\n");
    }
}

TEST_CASE("the profile of a candidate is kept, and not written where it is the usual one", "[scenario][save]") {
    const auto with = [](const std::string& profile) {
        return loaded("candidates: [{name: a, model: m, gpu: g" + profile + "}]\n");
    };
    CHECK(with("").candidates[0].profile == "auto");
    CHECK(with(", profile: none").candidates[0].profile == "none");
    CHECK(with(", profile: mine.json").candidates[0].profile == "mine.json");
    CHECK(with(", profile: auto") == with(""));
    CHECK_FALSE(with(", profile: none") == with(""));
    CHECK(save_scenario(with("")).find("profile") == std::string::npos);
    CHECK_THAT(save_scenario(with(", profile: none")), ContainsSubstring("profile: none"));
}

TEST_CASE("a scenario differs from one with another value", "[scenario][save]") {
    CHECK_FALSE(loaded("seed: 1\n" + kOne) == loaded("seed: 2\n" + kOne));
    CHECK_FALSE(loaded(kOne) == loaded("candidates: [{name: a, model: m, gpu: g, kv_blocks: 5}]\n"));
}

TEST_CASE("the document of a study spells out what the file left to defaults", "[scenario][save]") {
    const std::string text = to_yaml(to_document(loaded(kOne)));
    for (const char* line :
         {"seed: 1", "objective: usd_per_mtok_output", "lengths: {input: 1024, output: 256}",
          "load: {concurrency: 1}", "routing: uniform", "price: {tier: on_demand}", "utilisation: 1",
          "engine: vllm"}) {
        CHECK_THAT(text, ContainsSubstring(line));
    }
}
