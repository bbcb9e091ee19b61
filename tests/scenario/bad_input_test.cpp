// What people get wrong in a study: each mistake is answered with its line, its path and what was expected.
#include "core/scenario/scenario.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

const std::string kOne = "candidates: [{name: a, model: m, gpu: g}]\n";

std::string problems_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
    const auto scenario = parse_scenario(text, "bad.yaml", overrides);
    std::string all;
    for (const auto& problem : scenario ? Problems{} : scenario.error()) all += to_text(problem) + "\n";
    return all;
}

struct Row {
    std::string yaml;
    std::string expected;
};

// With one good candidate below, the whole answer is one line that starts as given.
void one_problem(const Row& row) {
    const std::string got = problems_of(row.yaml + "\n" + kOne);
    INFO(row.yaml);
    INFO(got);
    CHECK(std::count(got.begin(), got.end(), '\n') == 1);
    CHECK_THAT(got, ContainsSubstring(row.expected));
}

// The same inside the candidate, whose line is 1.
void one_problem_of_candidate(const Row& row) {
    const std::string got = problems_of("candidates: [{name: a, model: m, gpu: g, " + row.yaml + "}]\n");
    INFO(row.yaml);
    INFO(got);
    CHECK(std::count(got.begin(), got.end(), '\n') == 1);
    CHECK_THAT(got, ContainsSubstring(row.expected));
}

}  // namespace

TEST_CASE("mistakes at the top are named with what was expected", "[scenario][bad]") {
    for (const Row& row : std::vector<Row>{
             {"candidate: []", "bad.yaml:1: candidate: unknown key 'candidate'; did you mean 'candidates'?"},
             {"name: 5", "bad.yaml:1: name: expected text, found the number 5"},
             {"name: [a]", "expected text, found a list"},
             {"name:", "expected text, found nothing"},
             {"seed: -1", "expected a whole number of at least 0, found the number -1"},
             {"seed: x", "expected a whole number of at least 0, found the text 'x'"},
             {"method: simulat", "did you mean 'simulate'?"},
             {"method: analyze", "did you mean 'analyse'?"},
             {"workload: 5", "expected a map such as '{lengths:"},
             {"workload: {length: {input: 1, output: 1}}",
              "workload.length: unknown key 'length'; did you mean 'lengths'?"},
             {"workload: {lengths: {input: 0, output: 5}}",
              "workload.lengths.input: expected a number from 1 to 1000000000, found 0"},
             {"workload: {lengths: {input: 1e10, output: 5}}", "from 1 to 1000000000, found 1e10"},
             {"workload: {lengths: {input: .nan, output: 5}}", "expected a number, found the text '.nan'"},
             {"workload: {lengths: {input: 5}}", "workload.lengths.output: expected a number, found nothing"},
             {"workload: {lengths: {}}", "expected one of uniform, lognormal, trace"},
             {"workload: {lengths: {uniform: {input: [5, 1], output: [1, 2]}}}",
              "the first of [low, high] is larger: 5 > 1"},
             {"workload: {lengths: {uniform: {input: [5], output: [1, 2]}}}",
              "expected [low, high], found a list of 1"},
             {"workload: {lengths: {lognormal: {input: {mean: 5, cv: -1}, output: {mean: 1, cv: 1}}}}",
              "from 0 to 100, found -1"},
             {"workload: {load: {concurrency: 0}}", "expected a number from 1 to"},
             {"workload: {load: {concurrency: 1, batch: 2}}", "'concurrency' and 'batch' exclude each other"},
             {"workload: {load: 32}", "expected a map such as '{concurrency: 32}', found the number 32"},
             {"workload: {load: {poisson: {rate: 4}}}",
              "'4' has no unit; expected a rate with its unit, for example '4/s'"},
             {"workload: {load: {poisson: {rate: 0/s}}}", "expected a rate above 0"},
             {"workload: {slo: {ttft_p98: 1 s}}", "unknown key 'ttft_p98'; did you mean 'ttft_p9"},
             {"workload: {slo: {tpot: 50}}", "workload.slo.tpot: '50' has no unit"},
             {"workload: {slo: {tpot: -50 ms}}", "'-50 ms' is negative"},
             {"workload: {prefix_shared: 30}", "expected a fraction from 0 to 1"},
             {"workload: {sampling: top_p}", "workload.sampling: "},
             {"workload: {top_p: 0.9}", "unknown key 'top_p'; that is 'sampling: filtered' here"},
             {"workload: {temperature: 0}", "unknown key 'temperature'; "},
             {"routing: zipff", "expected 'uniform' or a map"},
             {"routing: zipf", "did you mean 'zipf'?"},
             {"routing: {zipff: {alpha: 1}}", "routing.zipff: unknown key 'zipff'; did you mean 'zipf'?"},
             {"routing: {}", "expected one of zipf, power_law"},
             {"routing: {zipf: {alpha: 11}}", "routing.zipf.alpha: expected a number from 0 to 10, found 11"},
             {"routing: {zipf: {}}", "routing.zipf.alpha: expected a number, found nothing"},
             {"models: {m1: {total: 70}}", "'70' has no unit; expected a number of parameters"},
             {"models: {m1: {total: 70 B, expert: 8}}",
              "models.m1.expert: unknown key 'expert'; did you mean 'experts'?"},
             {"models: {m1: {experts: 0}}", "models.m1.experts: expected a whole number from 1"},
             {"models: {m1: {total: 1e9 B}}", "models.m1.total"},
             {"models: {m1: 70 B}", "expected a map such as '{total: 128 B"},
             {"routing: {dirichlet: {kappa: 0}}", "from 0.001 to"},
             {"placement: balancd", "did you mean 'balanced'?"},
             {"placement: {eplb: {redundant: -1}}", "expected a whole number from 0"},
             {"price: {tier: on-demand}", "did you mean 'on_demand'?"},
             {"price: {gpu_hour: 2.50}", "'2.50' has no unit; expected the price of one GPU for one hour"},
             {"price: {gpu_hour: 2.50 USD, tier: spot}", "exclude each other"},
             {"price: {owned: {years: 4, power: 1 kW, energy: 0.1 USD/kWh}}",
              "price.owned.capital: expected an amount of money"},
             {"price: {owned: {capital: 1 USD, years: 0, power: 1 kW, energy: 0.1 USD/kWh}}",
              "expected a number above 0"},
             {"utilisation: 0", "expected a utilisation above 0"},
             {"utilisation: 120 %", "'120 %' is out of range"},
             {"energy: {pue: 0.9}", "expected a number from 1 to 10, found 0.9"},
             {"energy: {co2: 400}", "'400' has no unit; expected an emission factor"},
             {"energy: {power_fraction: {value: 0.5, low: 0.6, high: 0.9}}", "expected low <= value <= high"},
             {"cold_start: {from: dsik}", "did you mean 'disk'?"},
             {"cold_start: {rate: 5 GB}", "unknown unit 'GB'"},
             {"cold_start: {rate: 0 GB/s}", "expected a rate above 0"},
             {"quality: {accuracy: 0.79}", "quality.questions: expected a number, found nothing"},
             {"quality: {accuracy: 79, questions: 100}", "'79' is out of range"},
             {"quality: {tokens_per_answer: 5}", "expected one of benchmark, accuracy, results"},
             {"quality: {results: r.json, task: gsm8k}", "quality.metric: expected text, found nothing"},
             {"cluster: {gpus_per_node: 0}", "cluster.gpus_per_node: expected a whole number from 1"},
             {"sweep: {bach: [1]}", "did you mean 'batch'?"},
             {"sweep: {batch: []}", "no values to sweep over"},
             {"sweep: {batch: 5}", "expected a list such as '[1, 4, 16, 64]', found the number 5"},
             {"sweep: {batch: [1, 0]}", "sweep.batch[1]: expected a number from 1"},
             {"sweep: {gpu_hour: [1]}", "'1' has no unit"},
             {"sweep: {batch: {from: 8, to: 1, steps: 4}}", "'from' must be below 'to'"},
             {"sweep: {batch: {from: 1, to: 8, steps: 1e9}}", "from 2 to 10000"},
             {"sweep: {skew: {from: 0, to: 1, steps: 4, scale: log}}", "must start above 0"},
             {"sweep: {precision: [fp9]}", "did you mean 'fp8'?"},
             {"claim: {number: 0, text: x}", "claim.number: expected a whole number from 1"},
         }) {
        one_problem(row);
    }
}

TEST_CASE("mistakes in a candidate are named with what was expected", "[scenario][bad]") {
    for (const Row& row : std::vector<Row>{
             {"max_num_seqs: 64", "unknown key 'max_num_seqs'; that is 'max_sequences' here"},
             {"gpu-memory-utilization: 0.9", "unknown key 'gpu-memory-utilization'; that is 'memory_fraction' here"},
             {"chunked_prefill_size: 4096", "that is 'token_budget' here"},
             {"tensor-parallel-size: 4", "that is 'layout: {tp: 2}' here"},
             {"enforce_eager: true", "that is 'graph_tokens: 0' here"},
             {"count: four, layout: {tp: 4}", "candidates[0].count: expected a whole number from 1 to 1000000, found the text 'four'"},
             {"count: 0",
              "bad.yaml:1: candidates[0].count: expected a whole number from 1 to 1000000, found the number "
              "0"},
             {"count: -2", "found the number -2"},
             {"count: 2000000", "from 1 to 1000000"},
             {"count: two", "found the text 'two'"},
             {"count: 2.5", "found the number 2.5"},
             {"precison: fp8", "did you mean 'precision'?"},
             {"precision: fp88", "did you mean 'fp8'?"},
             {"precision: {expert: fp8}", "did you mean 'experts'?"},
             {"layout: tp2", "expected 'auto' or a map such as '{tp: 2, ep: 4}', found the text 'tp2'"},
             {"layout: {tp: 0}", "candidates[0].layout.tp: expected a whole number from 1"},
             {"layout: {tp: 4}, count: 2",
              "one replica of this layout takes 4 GPUs (tp x dp x pp), count is 2; count must be 4 or a "
              "multiple"},
             {"layout: {tp: 4, ep: 3}", "ep x moe_tp must equal tp x dp, found 3 x 1 against 4 x 1"},
             {"layout: {tp: 4, ep: 2, moe_tp: 4}", "found 2 x 4 against 4 x 1"},
             {"profile: 5", "candidates[0].profile: expected text, found the number 5"},
             {"profile: [none]", "candidates[0].profile: expected text, found a list"},
             {"profil: none", "unknown key 'profil'; did you mean 'profile'?"},
             {"offload: 80 %", "expected a map such as '{experts: 80 %, rate: 50 GB/s}'"},
             {"offload: {experts: 80}", "'80' is out of range"},
             {"speculative: {accept: 0.5}", "from 1 to 100, found 0.5"},
             {"memory_fraction: 0", "expected a fraction above 0"},
             {"batch_wait: 20", "expected a map such as '{steps: 20, fill: 90 %}'"},
             {"batch_wait: {fill: 50 %}", "steps"},
             {"batch_wait: {steps: 0}", "expected a whole number from 1"},
             {"batch_wait: {steps: 5, fill: 120 %}", "candidates[0].batch_wait.fill"},
             {"kv_blocks: 0", "from 1 to"},
             {"whole_prompts: sometimes", "candidates[0].whole_prompts: "},
             {"async_scheduling: 1", "candidates[0].async_scheduling: "},
             {"engine_version: newest", "candidates[0].engine_version: 'newest' is not a version"},
             {"engine_version: {}", "candidates[0].engine_version: "},
             {"graph_tokens: -1", "candidates[0].graph_tokens: expected a whole number from 0"},
             {"graph_tokens: all", "candidates[0].graph_tokens: expected a whole number"},
             {"lengths: {uniform: {}}", "candidates[0].lengths.input: expected a number"},
             {"quality: {tokens_per_answer: 300}", "expected one of benchmark, accuracy, results"},
         }) {
        if (row.yaml.starts_with("lengths")) {
            CHECK_THAT(problems_of("candidates: [{name: a, model: m, gpu: g, " + row.yaml + "}]\n"),
                       ContainsSubstring(row.expected));
        } else {
            one_problem_of_candidate(row);
        }
    }
}

TEST_CASE("candidates need a name of their own, a model and a GPU", "[scenario][bad]") {
    CHECK_THAT(problems_of("name: x\n"), ContainsSubstring("there are no candidates"));
    CHECK_THAT(problems_of("candidates: []\n"), ContainsSubstring("the list of candidates is empty"));
    CHECK_THAT(problems_of("candidates: {a: 1}\n"), ContainsSubstring("expected a list"));
    CHECK_THAT(problems_of("candidates: [5]\n"), ContainsSubstring("expected a map"));
    CHECK(problems_of("candidates:\n  - {name: a, model: m, gpu: g}\n  - {name: a, model: m, gpu: g}\n") ==
          "bad.yaml:3: candidates[1].name: the name 'a' is taken by the candidate on line 2\n");
    CHECK_THAT(problems_of("candidates: [{name: llama-3.1, model: m, gpu: g}]\n"),
               ContainsSubstring("cannot be a candidate's name"));
    CHECK_THAT(problems_of("candidates: [{name: \"\", model: m, gpu: g}]\n"),
               ContainsSubstring("expected text, found an empty text"));
    CHECK(problems_of("candidates: [{}]\n") ==
          "bad.yaml:1: candidates[0].name: expected text, found nothing\n"
          "bad.yaml:1: candidates[0].model: expected text, found nothing\n"
          "bad.yaml:1: candidates[0].gpu: expected text, found nothing\n");
}

TEST_CASE("expectations that cannot be checked are refused", "[scenario][bad]") {
    for (const Row& row : std::vector<Row>{
             {"{metric: a.tpot_ms}", "expects nothing"},
             {"{at_most: 5}", "expected one of metric, ratio, difference"},
             {"{metric: tpot_ms, at_most: 5}", "'tpot_ms' names no candidate and metric"},
             {"{metric: b.tpot_ms, at_most: 5}", "there is no candidate 'b'"},
             {"{metric: a.tpot_ms@bach=1, at_most: 5}", "did you mean 'batch'?"},
             {"{metric: a.tpot_ms, at_most: 5 ms}", "expected a number, found the text '5 ms'"},
             {"{metric: a.tpot_ms, at_most: 5, is: true}", "mixes bounds, 'equals' and 'is'"},
             {"{metric: a.tpot_ms, at_most: 5, at_least: 6}", "swap at_least and at_most"},
             {"{metric: a.tpot_ms, between: [6, 5]}", "the first of [low, high] is larger"},
             {"{ratio: [a.x], at_most: 5}", "expected two metrics"},
             {"{ratio: [a.x, a.y], is: true}", "'is' asks for a yes-or-no metric"},
             {"{metric: a.x, equals: 5, tolerance: 5}", "'5' is out of range"},
             {"{metric: a.x, at_most: 5, tolerance: 1 %}", "'tolerance' needs 'equals'"},
             {"{metric: a.x, at_most: 5, when: sometimes}", "expected one of conditional"},
         }) {
        one_problem({"expect: [" + row.yaml + "]", row.expected});
    }
}

TEST_CASE("all problems of a study are reported at once, in order of line", "[scenario][bad]") {
    CHECK(problems_of("name: x\n"
                      "nmae: y\n"
                      "workload:\n"
                      "  load: {poisson: {rate: 4}}\n"
                      "  lengths: {input: 0, output: -1}\n"
                      "name: z\n"
                      "utilisation: lots\n"
                      "candidates:\n"
                      "  - {name: a, model: m, gpu: g, count: 0}\n",
                      {"seed=x", "a.b.c"}) ==
          "--set: a.b.c: has no '='; write path=value, for example --set candidates[0].count=4\n"
          "--set: seed: expected a whole number of at least 0, found the text 'x'\n"
          "bad.yaml:2: nmae: unknown key 'nmae'; did you mean 'name'?\n"
          "bad.yaml:4: workload.load.poisson.rate: '4' has no unit; expected a rate with its unit, for "
          "example '4/s' (units: /s, /min, /h)\n"
          "bad.yaml:5: workload.lengths.input: expected a number from 1 to 1000000000, found 0\n"
          "bad.yaml:5: workload.lengths.output: expected a number from 1 to 1000000000, found -1\n"
          "bad.yaml:6: name: the key 'name' is given twice, on lines 1 and 6; keep one of them\n"
          "bad.yaml:7: utilisation: found 'lots', which does not start with a finite number; expected a "
          "fraction from 0 to 1 or a "
          "percentage such as '35 %'\n"
          "bad.yaml:9: candidates[0].count: expected a whole number from 1 to 1000000, found the number 0\n");
}

TEST_CASE("what is no study at all is refused in one line", "[scenario][bad]") {
    CHECK(problems_of("") == "bad.yaml: the file is empty\n");
    CHECK(problems_of("- a\n- b\n") ==
          "bad.yaml:1: expected a study with keys such as 'candidates', found a list\n");
    CHECK(problems_of("just words\n") ==
          "bad.yaml:1: expected keys with values ('name: …'), found a single text\n");
    CHECK_FALSE(load_scenario("no/such/file.yaml"));
    CHECK_THAT(problems_of(kOne, {"candidates[3].count=1"}),
               ContainsSubstring("--set: candidates[3].count: there is no element [3]"));
    CHECK_THAT(problems_of(kOne, {"b.count=1"}), ContainsSubstring("--set: b: unknown key 'b'"));
}
