// Law: a simulated study saved and loaded again is the same study, for every form that only a simulation knows.
#include "core/scenario/scenario.h"
#include "core/yaml/reader.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

Scenario loaded(const std::string& text, const std::vector<std::string>& overrides = {}) {
    auto scenario = parse_scenario(text, "study.yaml", overrides);
    std::string problems;
    for (const auto& problem : scenario ? Problems{} : scenario.error()) problems += to_text(problem) + "\n";
    INFO(text);
    INFO(problems);
    REQUIRE(scenario.has_value());
    return *scenario;
}

const std::string kOne = "method: simulate\ncandidates: [{name: a, model: m, gpu: g}]\n";
const std::string kTwo = "method: simulate\ncandidates: [{name: a, model: m, gpu: g}, {name: b, model: m, gpu: g}]\n";

void check_round_trip(const std::string& text) {
    const Scenario first = loaded(text);
    const std::string saved = save_scenario(first);
    INFO(saved);
    CHECK(loaded(saved) == first);
    CHECK(save_scenario(loaded(saved)) == saved);
}

// What the file says survives, and is not what a study without it says.
void check_kept(const std::string& section, const std::string& rest) {
    check_round_trip(section + "\n" + rest);
    INFO(section);
    CHECK_FALSE(loaded(section + "\n" + rest) == loaded(rest));
}

}  // namespace

TEST_CASE("every way requests arrive survives saving", "[scenario][save]") {
    for (const char* workload :
         {"load: {gamma: {rate: 4/s, cv: 2}}", "load: {gamma: {rate: 0.333/min, cv: 0.001}}",
          "load: {weibull: {rate: 4/s, cv: 100}}", "load: {diurnal: {rate: 4/s}}",
          "load: {diurnal: {rate: 4/s, peak_over_mean: 1.8, period: 24 h}}",
          "load: {diurnal: {rate: 4/s, peak_over_mean: 1, period: 3.3 ms}}",
          "lengths: {trace: 't, 1.csv'}, load: {trace: {}}",
          "lengths: {trace: t.csv}, load: {trace: {speed: 2, from: 0 s, to: 600 s, repeat: 3}}",
          "lengths: {trace: t.csv}, load: {trace: {speed: 0.1, from: 1e9 s}}", "load: {servegen: {folder: \"5\"}}",
          "load: {servegen: {folder: a/b, speed: 1.5, from: 0.1 ms, to: 1 h}}", "load: {concurrency: 32, think: 5 s}",
          "load: {concurrency: 1, think: 0.1 us}", "prefixes: {tokens: 1024}",
          "prefixes: {groups: 8, tokens: 1024}, prefix_shared: 10 %",
          "load: {servegen: {folder: d}}, prefixes: {tokens: 100000}"}) {
        check_kept("workload: {" + std::string(workload) + "}", kOne);
    }
    for (const char* workload :
         {"load: {concurrency: 3, think: 0 s}", "load: {poisson: {rate: 4/s}}", "load: {batch: 5}"})
        check_round_trip("workload: {" + std::string(workload) + "}\n" + kOne);
}

TEST_CASE("every key of a simulation survives saving, in a study and in a candidate", "[scenario][save]") {
    for (const char* key :
         {"requests: 20000",
          "requests: 1000000000",
          "duration: 1 h",
          "warm_up: 60 s",
          "warm_up: 0 s",
          "duration: 1 h, warm_up: 0.999 h",
          "scheduler: vllm",
          "scheduler: tensorrt_llm",
          "scheduler: sglang",
          "scheduler: static",
          "preemption: swap",
          "prefix_cache: false",
          "queue_limit: 1000",
          "timeout: 30 s",
          "priorities: [{share: 10 %, priority: -1}]",
          "priorities: [{share: 0.1, priority: -1}, {share: 0.2, priority: 5}, {share: 70 %, priority: 7}]",
          "router: round_robin",
          "router: power_of_two",
          "router: prefix_affinity",
          "router: session",
          "pools: {prefill: 2, decode: 6}",
          "pools: {prefill: 2, decode: 6, link: 50 GB/s, latency: 1 ms}",
          "pools: {prefill: {}, decode: {replicas: 6}}",
          "pools: {prefill: {replicas: 2, layout: {tp: 4, ep: 4}}, decode: {layout: {tp: 1, dp: 8, ep: 8}}, link: 50 GB/s}",
          "pools: {prefill: {layout: {tp: 8, pp: 2}, token_budget: 16384, memory_fraction: 85 %}, decode: {max_sequences: 512}}",
          "autoscale: {most: 8, scale_up_above: 60, scale_down_below: 20}",
          "autoscale: {least: 2, most: 8, scale_up_above: 0.5, scale_down_below: 0, every: 1 min, cold_start: 90 s}",
          "faults: [{replica: 0, at: 600 s, back: 900 s}, {replica: 7, at: 0 s}]",
          "drift: {}",
          "drift: {every: 5 min, share: 100 %}",
          "rebalance: {}",
          "rebalance: {every: 600 s, redundant: 32}"}) {
        check_kept("simulate: {" + std::string(key) + "}", kOne);
        check_round_trip("method: simulate\ncandidates: [{name: a, model: m, gpu: g, simulate: {" + std::string(key) +
                         "}}]\n");
    }
    for (const char* usual : {"{}", "{scheduler: auto}", "{preemption: recompute}", "{prefix_cache: true}",
                              "{router: least_loaded}", "{warm_up: auto}", "{requests: none}", "{faults: []}"}) {
        CHECK(loaded("simulate: " + std::string(usual) + "\n" + kOne) == loaded(kOne));
        check_round_trip("simulate: " + std::string(usual) + "\n" + kOne);
    }
}

TEST_CASE("a candidate overrides the study's simulation key by key, and can take a key back", "[scenario][save]") {
    const std::string study =
        "method: simulate\n"
        "simulate: {requests: 500, duration: 1 h, warm_up: 60 s, scheduler: sglang, queue_limit: 9, timeout: 30 s,\n"
        "  priorities: [{share: 10 %, priority: -1}], pools: {prefill: 1, decode: 2}, drift: {}, rebalance: {},\n"
        "  autoscale: {most: 3, scale_up_above: 5, scale_down_below: 1}, faults: [{replica: 0, at: 5 s}]}\n";
    const auto with = [&](const std::string& keys) {
        const std::string text = study + "candidates: [{name: a, model: m, gpu: g, simulate: " + keys + "}]\n";
        check_round_trip(text);
        const Scenario scenario = loaded(text);
        REQUIRE(scenario.candidates[0].simulate);
        return *scenario.candidates[0].simulate;
    };
    const SimulateSpec inherited = loaded(study + "candidates: [{name: a, model: m, gpu: g}]\n").simulate;
    CHECK(with("{}") == inherited);
    SimulateSpec routed = inherited;
    routed.router = Router::session;
    routed.timeout = Seconds{5};
    CHECK(with("{router: session, timeout: 5 s}") == routed);
    SimulateSpec bare;
    bare.scheduler = Scheduler::sglang;
    CHECK(with("{requests: none, duration: none, warm_up: auto, queue_limit: none, timeout: none, priorities: [], "
               "pools: none, "
               "drift: none, rebalance: none, autoscale: none, faults: []}") == bare);
    CHECK_FALSE(loaded(study + "candidates: [{name: a, model: m, gpu: g}]\n").candidates[0].simulate);
}

TEST_CASE("fleets survive saving", "[scenario][save]") {
    for (const char* fleets :
         {"[{name: hybrid, members: [{candidate: a, takes: {input_from: 2000}}, {candidate: b}]}]",
          "[{name: f, members: [{candidate: b, takes: {input_from: 5, input_below: 10, output_from: 1, output_below: "
          "7.5, "
          "share: 30 %, priority: -3}}, {candidate: a}]}, {name: g, members: [{candidate: a}]}]"}) {
        check_kept("fleets: " + std::string(fleets), kTwo);
    }
    CHECK(loaded("fleets: []\n" + kTwo) == loaded(kTwo));
}

TEST_CASE("a study answered in closed form is saved without a word of simulation", "[scenario][save]") {
    const std::string text = save_scenario(loaded("candidates: [{name: a, model: m, gpu: g}]\n"));
    for (const char* word : {"method", "simulate", "fleets", "think", "prefixes"}) {
        INFO(text);
        CHECK(text.find(word) == std::string::npos);
    }
    CHECK(text == save_scenario(loaded("method: analyse\ncandidates: [{name: a, model: m, gpu: g}]\n")));
}

TEST_CASE("the document of a simulated study spells out how engines and replicas work", "[scenario][save]") {
    const std::string text = to_yaml(to_document(loaded(kOne)));
    for (const char* line :
         {"method: simulate", "scheduler: auto", "preemption: recompute", "prefix_cache: true", "router: least_loaded"})
        CHECK_THAT(text, ContainsSubstring(line));
    for (const char* word : {"requests", "warm_up", "pools", "drift", "none"})
        CHECK(text.find(word) == std::string::npos);
}
