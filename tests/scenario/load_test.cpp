#include "core/scenario/scenario.h"

#include <chrono>

#include "tests/support/catch.h"

using namespace moeplan;

namespace {

Scenario loaded(const std::string& text, const std::vector<std::string>& overrides = {}) {
    auto scenario = parse_scenario(text, "study.yaml", overrides);
    std::string problems;
    for (const auto& problem : scenario ? Problems{} : scenario.error()) problems += to_text(problem) + "\n";
    INFO(problems);
    REQUIRE(scenario.has_value());
    return *scenario;
}

constexpr const char* kDesignExample = R"(name: Mixtral 8x7B against Llama 3 70B on H100
workload:
  lengths: {input: 1024, output: 256}
  load: {concurrency: 32}
  slo: {ttft_p99: 1 s, tpot_p99: 50 ms}
routing: {zipf: {alpha: 0.6}}
price: {tier: on_demand}
quality: {benchmark: gsm8k}
candidates:
  - {name: mixtral, model: mistralai/Mixtral-8x7B-v0.1, precision: fp8, gpu: h100_sxm, count: 2, layout: {tp: 2}}
  - {name: llama,   model: meta-llama/Meta-Llama-3-70B, precision: fp8, gpu: h100_sxm, count: 2, layout: {tp: 2}}
sweep: {batch: [1, 2, 4, 8, 16, 32, 64, 128, 256]}
expect:
  - {metric: mixtral.fits, is: true}
  - {metric: mixtral.usd_per_mtok_output, at_most: 1.20}
  - {ratio: [llama.flops_per_output_token, mixtral.flops_per_output_token], between: [4.8, 5.8]}
)";

const std::string kOne = "candidates: [{name: a, model: m, gpu: g}]\n";

}  // namespace

TEST_CASE("the example study is read field by field", "[scenario]") {
    const Scenario s = loaded(kDesignExample);
    CHECK(s.name == "Mixtral 8x7B against Llama 3 70B on H100");
    CHECK(s.file == "study.yaml");
    CHECK(std::get<FixedLengths>(s.workload.lengths) == FixedLengths{1024, 256});
    CHECK(std::get<ClosedLoop>(s.workload.load).concurrency == 32);
    REQUIRE(s.workload.slo.size() == 2);
    CHECK(s.workload.slo[1] == SloTerm{"tpot", 99, {0.05}});
    CHECK(std::get<ZipfRouting>(s.routing).alpha == 0.6);
    CHECK(std::get<RentedPrice>(s.money.price).tier == "on_demand");
    CHECK(std::get<PublishedScore>(s.quality->source).benchmark == "gsm8k");
    REQUIRE(s.candidates.size() == 2);
    CHECK(s.candidates[1].name == "llama");
    CHECK(s.candidates[1].count == 2);
    CHECK(s.candidates[1].precision.all == NumberFormat::fp8);
    CHECK(*s.candidates[1].layout == Layout{2, 1, 1, 1, 2});
    CHECK(s.candidates[1].spot.where() == "study.yaml:11");
    CHECK(s.candidates[1].spot.path == "candidates[1]");
    REQUIRE(s.sweep.size() == 1);
    CHECK(s.sweep[0].values == std::vector<std::string>{"1", "2", "4", "8", "16", "32", "64", "128", "256"});
    REQUIRE(s.expect.size() == 3);
    CHECK(s.expect[0].is == true);
    CHECK(s.expect[1].at_most == 1.2);
    CHECK(s.expect[2].form == Expectation::Form::ratio);
    CHECK(s.expect[2].operands[0] == MetricRef{"llama", "flops_per_output_token", {}});
    CHECK(s.expect[2].at_least == 4.8);
    CHECK(s.expect[2].at_most == 5.8);
}

TEST_CASE("a name that is left out is the file's", "[scenario]") { CHECK(loaded(kOne).name == "study"); }

TEST_CASE("a layout implies what it leaves out", "[scenario]") {
    const auto layout_of = [](const std::string& layout) {
        return *loaded("candidates: [{name: a, model: m, gpu: g, layout: " + layout + "}]\n")
                    .candidates[0]
                    .layout;
    };
    CHECK(layout_of("{tp: 4}") == Layout{4, 1, 1, 1, 4});
    CHECK(layout_of("{tp: 2, dp: 4, ep: 8}") == Layout{2, 1, 4, 8, 1});
    CHECK(layout_of("{tp: 4, ep: 2}") == Layout{4, 1, 1, 2, 2});
    CHECK(layout_of("{tp: 4, moe_tp: 1}") == Layout{4, 1, 1, 4, 1});
    const auto implied = loaded("candidates: [{name: a, model: m, gpu: g, layout: {tp: 4, pp: 2}}]\n");
    CHECK(implied.candidates[0].count == 8);
    CHECK_FALSE(loaded("candidates: [{name: a, model: m, gpu: g, layout: auto}]\n").candidates[0].layout);
}

TEST_CASE("a candidate inherits the study's money and quality and overrides parts", "[scenario]") {
    const Scenario s = loaded(
        "price: {gpu_hour: 2.50 USD}\nutilisation: 60 %\nenergy: {co2: 400 g/kWh}\n"
        "quality: {benchmark: gsm8k}\n"
        "candidates:\n"
        "  - {name: a, model: m, gpu: g, utilisation: 30 %, quality: {tokens_per_answer: 350}}\n"
        "  - {name: b, model: m, gpu: g}\n");
    REQUIRE(s.candidates[0].money);
    CHECK(s.candidates[0].money->utilisation == 0.3);
    CHECK(std::get<GivenPrice>(s.candidates[0].money->price).usd_per_gpu_hour == 2.5);
    CHECK(s.candidates[0].money->grams_co2_per_kwh == 400);
    CHECK(std::get<PublishedScore>(s.candidates[0].quality->source).benchmark == "gsm8k");
    CHECK(s.candidates[0].quality->tokens_per_answer == 350);
    CHECK_FALSE(s.candidates[1].money);
    CHECK_FALSE(s.candidates[1].quality);
}

TEST_CASE("a model given by numbers is made when the study is read", "[scenario]") {
    const Scenario s =
        loaded("models: {my-moe: {total: 128 B, active: 16 B, experts: 64, top_k: 2}}\n" + kOne);
    REQUIRE(s.models.contains("my-moe"));
    REQUIRE(s.models.at("my-moe").moe());
    CHECK(s.models.at("my-moe").moe()->experts == 64);
    CHECK(s.models.at("my-moe").moe()->top_k == 2);
    CHECK_FALSE(s ==
                loaded("models: {my-moe: {total: 128 B, active: 17 B, experts: 64, top_k: 2}}\n" + kOne));
}

TEST_CASE("ranges of a sweep are spelled out", "[scenario]") {
    const auto values = [](const std::string& sweep) {
        return loaded("sweep: " + sweep + "\n" + kOne).sweep[0].values;
    };
    using V = std::vector<std::string>;
    CHECK(values("{batch: {from: 1, to: 256, times: 2}}") ==
          V{"1", "2", "4", "8", "16", "32", "64", "128", "256"});
    CHECK(values("{batch: {from: 1, to: 1000, steps: 4, scale: log}}") == V{"1", "10", "100", "1000"});
    CHECK(values("{input: {from: 100, to: 300, steps: 3}}") == V{"100", "200", "300"});
    CHECK(values("{utilisation: [10 %, 0.5]}") == V{"0.1", "0.5"});
    CHECK(values("{gpu_hour: [1.50 USD, $3]}") == V{"1.5", "3"});
    CHECK(values("{layout: [auto, {tp: 2, ep: 2}]}") == V{"auto", "tp=2,ep=2"});
    CHECK(values("{precision: [native, fp8]}") == V{"native", "fp8"});
    CHECK(values("{count: [1, 8]}") == V{"1", "8"});
}

TEST_CASE("a sweep over models needs no candidate, and one over GPUs no GPU", "[scenario]") {
    CHECK(loaded("sweep: {model: [m1, m2], gpu: [g]}\n").candidates.empty());
    CHECK(loaded("sweep: {gpu: [g1, g2]}\ncandidates: [{name: a, model: m}]\n").candidates[0].gpu.empty());
    CHECK_FALSE(parse_scenario("sweep: {gpu: [g1, g2]}\ncandidates: [{name: a, gpu: g}]\n", "study.yaml"));
}

TEST_CASE("a --set reaches candidates by index, by name, and by name alone", "[scenario]") {
    CHECK(loaded(kDesignExample, {"candidates[0].count=4"}).candidates[0].count == 4);
    CHECK(loaded(kDesignExample, {"candidates.llama.count=8"}).candidates[1].count == 8);
    CHECK(loaded(kDesignExample, {"llama.gpu=a100"}).candidates[1].gpu == "a100");
    CHECK(loaded(kDesignExample, {"llama.layout.tp=1"}).candidates[1].layout->tp == 1);
    CHECK(std::get<StaticBatch>(loaded(kDesignExample, {"workload.load={batch: 4}"}).workload.load).batch ==
          4);
}

TEST_CASE("a simulated study is read field by field", "[scenario]") {
    const Scenario s = loaded(R"(method: simulate
workload:
  load: {gamma: {rate: 240/min, cv: 2}}
  prefixes: {groups: 8, tokens: 512}
simulate:
  requests: 20000
  scheduler: tensorrt_llm
  timeout: 30 s
  priorities: [{share: 10 %, priority: -1}]
  pools: {prefill: 2, decode: 6, link: 50 GB/s, latency: 1 ms}
  faults: [{replica: 0, at: 10 min, back: 900 s}]
  drift: {}
candidates:
  - {name: moe, model: m, gpu: g, simulate: {router: session}}
  - {name: dense, model: m, gpu: g}
fleets:
  - {name: hybrid, members: [{candidate: moe, takes: {input_from: 2000}}, {candidate: dense}]}
)");
    CHECK(s.method == Method::simulate);
    REQUIRE(s.workload.arrivals);
    CHECK(std::get<GammaArrivals>(*s.workload.arrivals) == GammaArrivals{{4}, 2});
    CHECK(std::get<PoissonLoad>(s.workload.load).rate.value == 4);   // what a closed form can make of it
    CHECK(s.workload.prefixes == SharedPrefixes{8, 512});
    CHECK(s.simulate.requests == 20000);
    CHECK_FALSE(s.simulate.warm_up);
    CHECK(s.simulate.scheduler == Scheduler::tensorrt_llm);
    CHECK(s.simulate.timeout == Seconds{30});
    CHECK(s.simulate.priorities == std::vector<PriorityShare>{{0.1, -1}});
    CHECK(s.simulate.pools == PoolsSpec{{2}, {6}, BytesPerSecond{50e9}, {0.001}});
    CHECK(s.simulate.faults == std::vector<FaultSpec>{{0, {600}, Seconds{900}}});
    CHECK(s.simulate.drift == DriftSpec{{60}, 0.1});
    CHECK(s.simulate.router == Router::least_loaded);
    REQUIRE(s.candidates[0].simulate);
    CHECK(s.candidates[0].simulate->router == Router::session);
    CHECK(s.candidates[0].simulate->requests == 20000);
    CHECK_FALSE(s.candidates[1].simulate);
    REQUIRE(s.fleets.size() == 1);
    CHECK(s.fleets[0].name == "hybrid");
    CHECK(s.fleets[0].members[0].takes.input_from == 2000);
    CHECK(s.fleets[0].members[1] == FleetMember{"dense", {}});
}

TEST_CASE("arrivals of a known rate leave a Poisson load of it to closed forms, recorded ones the default", "[scenario]") {
    const auto load = [](const std::string& workload) {
        return loaded("method: simulate\nworkload: {" + workload + "}\n" + kOne).workload.load;
    };
    CHECK(load("load: {weibull: {rate: 2/s, cv: 1}}") == Load{PoissonLoad{{2}}});
    CHECK(load("load: {diurnal: {rate: 90/min}}") == Load{PoissonLoad{{1.5}}});
    CHECK(load("load: {trace: {}}, lengths: {trace: t}") == Load{ClosedLoop{}});
    CHECK(load("load: {servegen: {folder: d}}") == Load{ClosedLoop{}});
    CHECK(load("load: {concurrency: 7, think: 5 s}") == Load{ClosedLoop{7}});
}

TEST_CASE("a pool is a number of replicas, or says what is its own; the candidate's GPUs are those of both", "[scenario]") {
    const auto candidate = [](const std::string& keys) { return loaded("method: simulate\ncandidates: [{name: a, model: m, gpu: g, " + keys + "}]\n").candidates[0]; };
    const Candidate c = candidate(
        "simulate: {pools: {prefill: {replicas: 2, layout: {tp: 4, ep: 4}, token_budget: 16384}, "
        "decode: {layout: {tp: 8}, max_sequences: 512, memory_fraction: 85 %}, link: 50 GB/s}}");
    REQUIRE(c.simulate);
    REQUIRE(c.simulate->pools);
    const PoolsSpec& pools = *c.simulate->pools;
    CHECK(pools.prefill == PoolSpec{2, Layout{4, 1, 1, 4, 1}, std::nullopt, 16384, std::nullopt});
    CHECK(pools.decode == PoolSpec{1, Layout{8, 1, 1, 1, 8}, 512, std::nullopt, 0.85});
    CHECK(pools.prefill.spot.path == "candidates[0].simulate.pools.prefill");
    CHECK(c.count == 16);
    CHECK(candidate("layout: {tp: 2}, simulate: {pools: {prefill: {replicas: 3, layout: {tp: 4}}, decode: 5}}").count == 22);
    CHECK(candidate("layout: {tp: 2}, simulate: {pools: {prefill: 3, decode: {replicas: 5}}}").count == 16);
    CHECK(candidate("layout: {tp: 2}, count: 10, simulate: {pools: {prefill: 3, decode: 5}}").count == 10);   // the simulation says what is wrong
    CHECK(candidate("simulate: {pools: {prefill: {replicas: 3, layout: {tp: 4}}, decode: 5}}").count == 1);
    CHECK(candidate("count: 9, layout: {tp: 8}, simulate: {pools: {prefill: {layout: {tp: 1}}, decode: 1}}").count == 9);
    CHECK(loaded("method: simulate\nsimulate: {pools: {prefill: 1, decode: {replicas: 1, layout: {tp: 4}}}}\n"
                 "candidates: [{name: a, model: m, gpu: g, layout: {tp: 2}}]\n")
              .candidates[0].count == 6);
}

TEST_CASE("a --set reaches a simulation, also where the file says nothing of it", "[scenario]") {
    const std::string study = "method: simulate\n" + kOne;
    CHECK(loaded(study, {"simulate.requests=100"}).simulate.requests == 100);
    CHECK(loaded(kOne, {"method=simulate", "simulate.timeout=5 s"}).simulate.timeout == Seconds{5});
    CHECK(loaded("simulate: {requests: 5}\n" + study, {"simulate.requests=none"}).simulate.requests == std::nullopt);
    CHECK(loaded(study, {"a.simulate.router=session"}).candidates[0].simulate->router == Router::session);
    CHECK(loaded(study, {"simulate.pools={prefill: 1, decode: 2}", "simulate.pools.decode=3"}).simulate.pools->decode.replicas == 3);
    CHECK(loaded(study, {"workload.load={gamma: {rate: 4/s, cv: 2}}"}).workload.arrivals.has_value());
    CHECK(loaded(study, {"fleets=[{name: f, members: [{candidate: a}]}]"}).fleets.size() == 1);
    CHECK(loaded("fleets: [{name: f, members: [{candidate: a}]}]\n" + study, {"fleets.f.name=g"}).fleets[0].name == "g");
    // A candidate of the name of a section is found by its full path.
    CHECK(loaded("method: simulate\ncandidates: [{name: simulate, model: m, gpu: g}]\n", {"simulate.requests=7"}).simulate.requests == 7);
}

TEST_CASE("a metric is named with its candidate, and with a point of the sweep", "[scenario]") {
    CHECK(*parse_metric_ref("a.tpot_ms") == MetricRef{"a", "tpot_ms", {}});
    CHECK(*parse_metric_ref("a.tpot_ms@batch=1") == MetricRef{"a", "tpot_ms", {{"batch", 1}}});
    CHECK(print_metric_ref(*parse_metric_ref("a.tpot_ms@utilisation=0.1")) == "a.tpot_ms@utilisation=0.1");
    for (const char* wrong : {"", "a", ".b", "a.", "a.b@", "a.b@c", "a.b@=1", "a.b@c=x", "@a.b=1"}) {
        INFO(wrong);
        CHECK_FALSE(parse_metric_ref(wrong));
    }
}

TEST_CASE("the example study is read in well under two milliseconds", "[scenario]") {
    double best = 1;
    for (int i = 0; i < 20; ++i) {
        const auto start = std::chrono::steady_clock::now();
        REQUIRE(parse_scenario(kDesignExample, "study.yaml"));
        best =
            std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    CHECK(best < 0.02);   // ten times the aim: sanitizers and loaded machines run this too
}
