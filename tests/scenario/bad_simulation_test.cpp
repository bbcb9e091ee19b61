// What people get wrong in a simulated study: each mistake is answered with its line, its path and what was expected.
#include <algorithm>

#include "core/scenario/scenario.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

const std::string kTwo =
    "method: simulate\ncandidates: [{name: moe, model: m, gpu: g}, {name: dense, model: m, gpu: g}]\n";

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

// The whole answer is one line that contains what is given.
void one_problem(const std::string& text, const std::string& expected) {
    const std::string got = problems_of(text);
    INFO(text);
    INFO(got);
    CHECK(std::count(got.begin(), got.end(), '\n') == 1);
    CHECK_THAT(got, ContainsSubstring(expected));
}

}  // namespace

TEST_CASE("mistakes in how requests arrive are named with what was expected", "[scenario][bad]") {
    for (const Row& row : std::vector<Row>{
             {"load: {gama: {rate: 4/s, cv: 2}}", "workload.load.gama: unknown key 'gama'; did you mean 'gamma'?"},
             {"load: {wiebull: {rate: 4/s, cv: 2}}", "did you mean 'weibull'?"},
             {"load: {diurnl: {rate: 4/s}}", "did you mean 'diurnal'?"},
             {"load: {servgen: {folder: d}}", "did you mean 'servegen'?"},
             {"load: {quickly: 5}",
              "expected one of concurrency, poisson, batch, gamma, weibull, diurnal, trace, servegen"},
             {"load: {gamma: {rate: 4/s, cv: 2}, poisson: {rate: 4/s}}", "'poisson' and 'gamma' exclude each other"},
             {"load: {gamma: 4/s}",
              "workload.load.gamma: expected a map such as '{rate: 4/s, cv: 2}', found the text '4/s'"},
             {"load: {gamma: {rate: 4/s}}", "workload.load.gamma.cv: expected a number, found nothing"},
             {"load: {gamma: {cv: 2}}", "workload.load.gamma.rate: expected a rate"},
             {"load: {gamma: {rate: 4, cv: 2}}", "'4' has no unit; expected a rate with its unit"},
             {"load: {gamma: {rate: 0/s, cv: 2}}", "expected a rate above 0 and at most 1e9/s"},
             {"load: {gamma: {rate: 4/s, cv: 0}}",
              "workload.load.gamma.cv: expected a number from 0.001 to 100, found 0"},
             {"load: {gamma: {rate: 4/s, cv: 101}}", "from 0.001 to 100, found 101"},
             {"load: {gamma: {rate: 4/s, cv: 2, shape: 1}}", "unknown key 'shape'"},
             {"load: {weibull: {rate: 2e9/s, cv: 2}}",
              "workload.load.weibull.rate: expected a rate above 0 and at most 1e9/s"},
             {"load: {weibull: {rate: 4/s, cv: .inf}}", "workload.load.weibull.cv: expected a number"},
             {"load: {diurnal: {peak_over_mean: 1.5}}", "workload.load.diurnal.rate: expected a rate"},
             {"load: {diurnal: {rate: 4/s, peak_over_mean: 2.1}}",
              "peak_over_mean: expected a number from 1 to 2, found 2.1"},
             {"load: {diurnal: {rate: 4/s, peak: 2}}", "did you mean 'peak_over_mean'?"},
             {"load: {diurnal: {rate: 4/s, period: 0 h}}", "workload.load.diurnal.period: expected a duration above 0"},
             {"load: {diurnal: {rate: 4/s, period: 365 d}}", "expected a duration of at most 104 d"},
             {"load: {diurnal: {rate: 4/s, period: 24}}", "'24' has no unit; expected a duration"},
             {"load: {trace: {}}",
              "bad.yaml:1: workload.load.trace: requests arrive as recorded in the trace that gives their "
              "lengths, but 'lengths' names none; write 'lengths: {trace: FILE}'"},
             {"load: {trace: {}}, lengths: {input: 5, output: 5}", "write 'lengths: {trace: FILE}'"},
             {"load: {trace: {}}, lengths: {uniform: {input: [1, 2], output: [1, 2]}}",
              "write 'lengths: {trace: FILE}'"},
             {"load: {trace: {}}, lengths: {trcae: t.csv}",
              "workload.lengths.trcae: unknown key 'trcae'; did you mean 'trace'?"},
             {"load: {trace: t.csv}, lengths: {trace: t.csv}",
              "expected a map such as '{speed: 2, from: 0 s, to: 600 s}', found the text 't.csv'"},
             {"load: {trace: {speed: 0}}, lengths: {trace: t}",
              "workload.load.trace.speed: expected a number from 1e-06 to 1000000"},
             {"load: {trace: {from: 5 s, to: 5 s}}, lengths: {trace: t}",
              "trace.to: 'to' must be after 'from', found 5 s and 5 s"},
             {"load: {trace: {from: -5 s}}, lengths: {trace: t}", "'-5 s' is negative"},
             {"load: {trace: {to: 20000 d}}, lengths: {trace: t}", "expected a duration of at most 11574 d"},
             {"load: {trace: {repeat: 0}}, lengths: {trace: t}",
              "trace.repeat: expected a whole number from 1 to 1000000"},
             {"load: {trace: {repeats: 2}}, lengths: {trace: t}", "did you mean 'repeat'?"},
             {"load: {servegen: {}}", "workload.load.servegen.folder: expected text, found nothing"},
             {"load: {servegen: {folder: 5}}", "expected text, found the number 5"},
             {"load: {servegen: {folder: d, to: 0 s}}", "'to' must be after 'from', found 0 s and 0 s"},
             {"load: {servegen: {folder: d, repeat: 2}}", "unknown key 'repeat'"},
             {"load: {servegen: {folder: d}}, lengths: {trace: t}",
              "workload.lengths: the recorded clients of 'servegen' have lengths of their own; leave 'lengths' out"},
             {"load: {concurrency: 5, think: 5}", "workload.load.think: '5' has no unit; expected a duration"},
             {"load: {concurrency: 5, think: 200 d}", "workload.load.think: expected a duration of at most 104 d"},
             {"load: {poisson: {rate: 4/s}, think: 5 s}", "workload.load.think: only the users of a closed loop think"},
             {"load: {concurrency: 5, thnk: 5 s}", "did you mean 'think'?"},
             {"prefixes: 5",
              "workload.prefixes: expected a map such as '{groups: 8, tokens: 1024}', found the number 5"},
             {"prefixes: {groups: 8}", "workload.prefixes.tokens: expected a whole number"},
             {"prefixes: {groups: 0, tokens: 5}",
              "workload.prefixes.groups: expected a whole number from 1 to 1000000"},
             {"prefixes: {tokens: 0}", "from 1 to 1000000000"},
             {"prefixes: {token: 5, tokens: 5}", "unknown key 'token'; did you mean 'tokens'?"},
             {"prefixes: {tokens: 1025}", "workload.prefixes.tokens: prompts of 1024 tokens cannot begin with 1025"},
         }) {
        one_problem("workload: {" + row.yaml + "}\n" + kTwo, row.expected);
    }
}

TEST_CASE("mistakes in the keys of a simulation are named with what was expected", "[scenario][bad]") {
    for (const Row& row : std::vector<Row>{
             {"5",
              "simulate: expected a map such as '{requests: 20000, scheduler: vllm, router: least_loaded}', found the "
              "number 5"},
             {"{request: 5}", "simulate.request: unknown key 'request'; did you mean 'requests'?"},
             {"{requests: 0}", "simulate.requests: expected a whole number from 1 to 1000000000, found the number 0"},
             {"{requests: 2e9}", "from 1 to 1000000000"},
             {"{requests: nnoe}",
              "simulate.requests: expected a value such as '20000', or 'none', found the text 'nnoe'; did you mean "
              "'none'?"},
             {"{duration: 0 s}", "simulate.duration: expected a duration above 0"},
             {"{duration: 3600}", "'3600' has no unit"},
             {"{duration: 105 d}", "expected a duration of at most 104 d"},
             {"{warm_up: atuo}",
              "simulate.warm_up: expected a value such as '60 s', or 'auto', found the text 'atuo'; did you mean "
              "'auto'?"},
             {"{pools: {prefill: {replicas: 1, max_num_seqs: 4}, decode: 1}}", "unknown key 'max_num_seqs'; that is 'max_sequences' here"},
             {"{pools: {prefill: {replicas: 1, enforce_eager: 1}, decode: 1}}", "unknown key 'enforce_eager'; known keys: layout"},
             {"{pools: two}",
              "expected a value such as '{prefill: 2, decode: 6, link: 50 GB/s, latency: 1 ms}', or 'none'"},
             {"{warm_up: 60 s, duration: 60 s}",
              "simulate.warm_up: the warm-up of 1 min leaves nothing of a duration of 1 min"},
             {"{scheduler: vlm}", "simulate.scheduler: expected one of auto, vllm, tensorrt_llm, sglang, static"},
             {"{scheduler: vlm}", "did you mean 'vllm'?"},
             {"{preemption: recomput}", "did you mean 'recompute'?"},
             {"{prefix_cache: maybe}", "simulate.prefix_cache: expected true or false"},
             {"{queue_limit: 0}", "simulate.queue_limit: expected a whole number from 1"},
             {"{timeout: 0 s}", "simulate.timeout: expected a duration above 0"},
             {"{priorities: {share: 10 %, priority: 1}}",
              "expected a list such as '[{share: 10 %, priority: -1}]', found a map"},
             {"{priorities: [5]}", "simulate.priorities[0]: expected a map"},
             {"{priorities: [{share: 0, priority: 1}]}", "priorities[0].share: expected a share above 0"},
             {"{priorities: [{share: 10, priority: 1}]}", "'10' is out of range"},
             {"{priorities: [{share: 10 %}]}", "priorities[0].priority: expected a whole number"},
             {"{priorities: [{share: 10 %, priority: 1e7}]}", "from -1000000 to 1000000"},
             {"{priorities: [{share: 60 %, priority: 1}, {share: 50 %, priority: 2}]}",
              "simulate.priorities: the shares sum to 110 %, more than all requests"},
             {"{router: round-robin}", "did you mean 'round_robin'?"},
             {"{pools: {prefill: 2}}", "simulate.pools.decode: expected a whole number"},
             {"{pools: {prefill: 0, decode: 1}}", "simulate.pools.prefill: expected a whole number from 1"},
             {"{pools: {prefill: 1, decode: 1, link: 0 GB/s}}", "simulate.pools.link: expected a rate above 0"},
             {"{pools: {prefill: 1, decode: 1, latency: 5}}", "'5' has no unit"},
             {"{pools: {prefil: 1, decode: 1, prefill: 1}}", "did you mean 'prefill'?"},
             {"{pools: {prefill: [1], decode: 1}}",
              "simulate.pools.prefill: expected a whole number or a map such as '{replicas: 2, layout: {tp: 4, ep: 4}}', found a list"},
             {"{pools: {prefill: {replica: 2}, decode: 1}}", "simulate.pools.prefill.replica: unknown key 'replica'; did you mean 'replicas'?"},
             {"{pools: {prefill: {replicas: 0}, decode: 1}}", "simulate.pools.prefill.replicas: expected a whole number from 1"},
             {"{pools: {prefill: {layout: auto}, decode: 1}}", "simulate.pools.prefill.layout: expected a map such as '{tp: 4, ep: 4}'"},
             {"{pools: {prefill: 1, decode: {layout: {tp: 4, eq: 2}}}}", "simulate.pools.decode.layout.eq: unknown key 'eq'; did you mean 'ep'?"},
             {"{pools: {prefill: 1, decode: {layout: {tp: 4, ep: 3}}}}", "simulate.pools.decode.layout: ep x moe_tp must equal tp x dp"},
             {"{pools: {prefill: 1, decode: {max_sequences: 0}}}", "simulate.pools.decode.max_sequences: expected a whole number from 1"},
             {"{pools: {prefill: 1, decode: {memory_fraction: 0}}}", "simulate.pools.decode.memory_fraction: expected a fraction above 0"},
             {"{pools: 3}", "expected a map such as '{prefill: 2, decode: 6, link: 50 GB/s, latency: 1 ms}'"},
             {"{autoscale: {scale_up_above: 5, scale_down_below: 1}}",
              "simulate.autoscale.most: expected a whole number"},
             {"{autoscale: {least: 9, most: 8, scale_up_above: 5, scale_down_below: 1}}",
              "simulate.autoscale.least: 'least' must be at most 'most', found 9 and 8"},
             {"{autoscale: {most: 8, scale_up_above: 5, scale_down_below: 5}}",
              "'scale_down_below' must be below 'scale_up_above', found 5 and 5"},
             {"{autoscale: {most: 8, scale_up_above: 0, scale_down_below: 0}}", "expected a number above 0, found 0"},
             {"{autoscale: {most: 8, scale_up_above: 5, scale_down_below: 1, every: 0 s}}",
              "every: expected a duration above 0"},
             {"{autoscale: {max: 8, most: 8, scale_up_above: 5, scale_down_below: 1}}", "unknown key 'max'"},
             {"{faults: [{at: 5 s}]}", "simulate.faults[0].replica: expected a whole number"},
             {"{faults: [{replica: -1, at: 5 s}]}", "found the number -1"},
             {"{faults: [{replica: 0}]}", "simulate.faults[0].at: expected a duration"},
             {"{faults: [{replica: 0, at: 5 s, back: 5 s}]}",
              "simulate.faults[0].back: 'back' must be after 'at', found 5 s and 5 s"},
             {"{faults: [{replica: 0, at: 5 s, bakc: 6 s}]}", "did you mean 'back'?"},
             {"{drift: {share: 0}}", "simulate.drift.share: expected a share above 0"},
             {"{drift: {every: 0 s}}", "simulate.drift.every: expected a duration above 0"},
             {"{drift: 10 %}", "expected a map such as '{every: 60 s, share: 10 %}'"},
             {"{rebalance: {redundant: -1}}", "simulate.rebalance.redundant: expected a whole number from 0"},
             {"{rebalance: {evry: 5 s}}", "did you mean 'every'?"},
         }) {
        one_problem("simulate: " + row.yaml + "\n" + kTwo, row.expected);
    }
    one_problem(
        "method: simulate\nsimulate: {warm_up: 60 s}\n"
        "candidates: [{name: a, model: m, gpu: g, simulate: {duration: 30 s}}]\n",
        "bad.yaml:3: candidates[0].simulate.duration: the warm-up of 1 min leaves nothing of a duration of 30 s");
    one_problem(
        "method: simulate\nsimulate: {warm_up: 60 s, duration: 30 s}\n"
        "candidates: [{name: a, model: m, gpu: g, simulate: {timeout: 5 s}}]\n",
        "bad.yaml:2: simulate.warm_up: the warm-up of 1 min leaves nothing of a duration of 30 s");
    one_problem("method: simulate\nsimulate: {max-num-seqs: 4}\ncandidates: [{name: a, model: m, gpu: g}]\n", "that is 'max_sequences' of a candidate");
    one_problem("method: simulate\nsimulate: {enable_prefix_caching: true}\ncandidates: [{name: a, model: m, gpu: g}]\n", "that is 'prefix_cache: true' here");
    one_problem("method: simulate\ncandidates: [{name: a, model: m, gpu: g, simulate: {ruoter: session}}]\n",
                "candidates[0].simulate.ruoter: unknown key 'ruoter'; did you mean 'router'?");
}

TEST_CASE("mistakes in fleets are named with what was expected", "[scenario][bad]") {
    const std::string good = "members: [{candidate: moe, takes: {input_from: 5}}, {candidate: dense}]";
    for (const Row& row : std::vector<Row>{
             {"5", "fleets: expected a list"},
             {"[5]", "fleets[0]: expected a map"},
             {"[{" + good + "}]", "fleets[0].name: expected text, found nothing"},
             {"[{name: a.b, " + good + "}]", "'a.b' cannot be a fleet's name"},
             {"[{name: moe, " + good + "}]", "fleets[0].name: the name 'moe' is taken by a candidate"},
             {"[{name: f, " + good + "}, {name: f, " + good + "}]",
              "fleets[1].name: the name 'f' is taken by another fleet"},
             {"[{name: f}]", "fleets[0].members: expected a list"},
             {"[{name: f, members: []}]", "fleets[0].members: the fleet has no members"},
             {"[{name: f, members: [moe]}]", "fleets[0].members[0]: expected a map"},
             {"[{name: f, members: [{takes: {priority: 1}}, {candidate: dense}]}]",
              "members[0].candidate: expected text"},
             {"[{name: f, members: [{candidate: dens}]}]", "there is no candidate 'dens'; did you mean 'dense'?"},
             {"[{name: f, members: [{candidate: xyzzy}]}]", "there is no candidate 'xyzzy'; candidates: moe, dense"},
             {"[{name: f, members: [{candidate: moe, takes: {input_from: 5}}, {candidate: moe}]}]",
              "'moe' is a member already"},
             {"[{name: f, members: [{candidate: moe}, {candidate: dense}]}]",
              "fleets[0].members[0]: takes every request, so the members after it would get none"},
             {"[{name: f, members: [{candidate: moe, takes: {}}, {candidate: dense}]}]",
              "fleets[0].members[0].takes: takes every request"},
             {"[{name: f, members: [{candidate: moe, takes: {input_from: 5}}]}]",
              "fleets[0].members[0].takes: the last member takes what is left; leave 'takes' out here"},
             {"[{name: f, members: [{candidate: moe, takes: {input_from: 9, input_below: 9}}, {candidate: dense}]}]",
              "takes: 'input_from' must be below 'input_below', found 9 and 9"},
             {"[{name: f, members: [{candidate: moe, takes: {output_from: 9, output_below: 2}}, {candidate: dense}]}]",
              "'output_from' must be below 'output_below'"},
             {"[{name: f, members: [{candidate: moe, takes: {input_from: 0}}, {candidate: dense}]}]",
              "from 1 to 1000000000, found 0"},
             {"[{name: f, members: [{candidate: moe, takes: {share: 0}}, {candidate: dense}]}]",
              "expected a share above 0"},
             {"[{name: f, members: [{candidate: moe, takes: {priority: 0.5}}, {candidate: dense}]}]",
              "expected a whole number"},
             {"[{name: f, members: [{candidate: moe, takes: {input_form: 5, share: 5 %}}, {candidate: dense}]}]",
              "did you mean 'input_from'?"},
             {"[{name: f, membres: [], " + good + "}]", "did you mean 'members'?"},
         }) {
        one_problem("fleets: " + row.yaml + "\n" + kTwo, row.expected);
    }
    CHECK_THAT(problems_of("fleets: [{name: f, members: [{candidate: moe, takes: {share: 1 %}}, {candidate: moe, "
                           "takes: {share: 1 %}}, "
                           "{candidate: dense}]}]\n" +
                           kTwo),
               ContainsSubstring("fleets[0].members: more members than candidates: 3 and 2"));
}

TEST_CASE("an expectation may name a fleet, and a mistyped one is answered", "[scenario][bad]") {
    const std::string fleet =
        "fleets: [{name: hybrid, members: [{candidate: moe, takes: {share: 5 %}}, {candidate: dense}]}]\n";
    CHECK(problems_of(
              fleet +
              "expect: [{metric: hybrid.ttft_ms_p99, at_most: 500}, {metric: moe.ttft_ms_p99, at_most: 500}]\n" + kTwo)
              .empty());
    one_problem(fleet + "expect: [{metric: hybird.ttft_ms_p99, at_most: 500}]\n" + kTwo,
                "there is no candidate 'hybird'; did you mean 'hybrid'?");
}

TEST_CASE("each key that only a simulation knows asks for one where the study is analysed", "[scenario][bad]") {
    for (const Row& row : std::vector<Row>{
             {"workload: {load: {gamma: {rate: 4/s, cv: 2}}}", "workload.load.gamma: closed forms do not know 'gamma'"},
             {"workload: {load: {weibull: {rate: 4/s, cv: 2}}}", "closed forms do not know 'weibull'"},
             {"workload: {load: {diurnal: {rate: 4/s}}}", "closed forms do not know 'diurnal'"},
             {"workload: {load: {trace: {}}, lengths: {trace: t}}",
              "workload.load.trace: closed forms do not know 'trace'"},
             {"workload: {load: {servegen: {folder: d}}}", "closed forms do not know 'servegen'"},
             {"workload: {load: {concurrency: 5, think: 5 s}}",
              "workload.load.think: closed forms do not know 'think'"},
             {"workload: {prefixes: {tokens: 5}}", "workload.prefixes: closed forms do not know 'prefixes'"},
             {"simulate: {}",
              "bad.yaml:1: simulate: closed forms do not know 'simulate': 'method: simulate' is needed"},
             {"fleets: []", "fleets: closed forms do not know 'fleets'"},
         }) {
        one_problem(row.yaml + "\ncandidates: [{name: a, model: m, gpu: g}]\n", row.expected);
        one_problem(row.yaml + "\nmethod: analyse\ncandidates: [{name: a, model: m, gpu: g}]\n", row.expected);
        CHECK(problems_of(row.yaml + "\nmethod: simulate\ncandidates: [{name: a, model: m, gpu: g}]\n").empty());
        // A method that is not understood is the one problem.
        one_problem(row.yaml + "\nmethod: simulat\ncandidates: [{name: a, model: m, gpu: g}]\n",
                    "did you mean 'simulate'?");
    }
    one_problem("candidates: [{name: a, model: m, gpu: g, simulate: {router: session}}]\n",
                "candidates[0].simulate: closed forms do not know 'simulate'");
    CHECK_THAT(problems_of("candidates: [{name: a, model: m, gpu: g}]\n", {"simulate.requests=100"}),
               ContainsSubstring("--set: simulate: closed forms do not know 'simulate'"));
}

TEST_CASE("lists too long to be meant are refused before they are read", "[scenario][bad]") {
    const auto many = [](const std::string& one, int count) {
        std::string list;
        for (int i = 0; i < count; ++i) list += (i ? "," : "") + one;
        return "[" + list + "]";
    };
    // The reader's limit of 256 KiB a line holds for lists on one line; these are below it.
    one_problem("simulate: {priorities: " + many("{share: 0.1 %, priority: 1}", 101) + "}\n" + kTwo,
                "more than 100 entries");
    one_problem("simulate: {faults: " + many("{replica: 0,at: 1 s}", 10001) + "}\n" + kTwo, "more than 10000 entries");
    one_problem("fleets: " + many("{}", 1001) + "\n" + kTwo, "more than 1000 fleets");
}

TEST_CASE("only the first of many wrong names are answered with the nearest", "[scenario][bad]") {
    std::string expect;
    for (int i = 0; i < 30; ++i) expect += "  - {metric: moo.x, at_most: 5}\n";
    const std::string got = problems_of(kTwo + "expect:\n" + expect);
    const auto count = [&](const std::string& what) {
        int found = 0;
        for (std::size_t at = got.find(what); at != std::string::npos; at = got.find(what, at + 1)) ++found;
        return found;
    };
    CHECK(count("there is no candidate 'moo'") == 30);
    CHECK(count("did you mean 'moe'?") == 20);
    CHECK(count("candidates: moe, dense") == 10);
}
