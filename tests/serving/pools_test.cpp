// Pools with layouts of their own: what they take, what fits, and what stays as it was.
#include <algorithm>

#include <fmt/format.h>

#include "core/report/report_writer.h"
#include "tests/serving/answers.h"

using namespace moeplan;

namespace {

std::string study(const std::string& pools, const std::string& candidate = "count: 4, layout: {tp: 1}", const std::string& more = {}) {
    return fmt::format(
        "method: simulate\nworkload: {{lengths: {{lognormal: {{input: {{mean: 1000, cv: 0.8}}, output: {{mean: 100, cv: 0.8}}}}}}, load: {{poisson: {{rate: 6/s}}}}}}\n"
        "simulate: {{requests: 300{}}}\nrouting: {{zipf: {{alpha: 0.6}}}}\nprice: {{gpu_hour: 2 USD}}\ncandidates:\n"
        "  - {{name: a, model: Qwen/Qwen3-30B-A3B, precision: fp8, gpu: h100_sxm, {}, simulate: {{pools: {}}}}}\n",
        more, candidate, pools);
}

std::string json_of(Report report) {
    report.scenario = {};   // it says what was asked, in the words it was asked in
    return make_json_writer({})->write(report);
}

}  // namespace

TEST_CASE("pools laid out alike answer the same to the byte whether they are counted or described", "[serving][pools]") {
    for (const char* more : {"", ", faults: [{replica: 3, at: 5 s, back: 9 s}]", ", timeout: 1 s, preemption: swap"}) {
        const std::string counted = json_of(answered(study("{prefill: 1, decode: 3, latency: 1 ms}", "count: 4, layout: {tp: 1}", more)));
        CHECK(counted == json_of(answered(study("{prefill: {replicas: 1, layout: {tp: 1}}, decode: {replicas: 3, layout: {tp: 1}}, latency: 1 ms}", "count: 4, layout: {tp: 1}", more))));
        CHECK(counted == json_of(answered(study("{prefill: {replicas: 1}, decode: {replicas: 3, layout: {tp: 1}}, latency: 1 ms}", "layout: {tp: 1}", more))));
        CHECK(counted == json_of(answered(study("{prefill: {layout: {tp: 1}}, decode: {replicas: 3, layout: {tp: 1}}, latency: 1 ms}", "count: 4", more))));
    }
}

TEST_CASE("pools laid out differently serve every request, take the GPUs of both and are paid for them", "[serving][pools]") {
    const std::string yaml = study("{prefill: {replicas: 2, layout: {tp: 1}}, decode: {layout: {tp: 2, ep: 2}}, latency: 1 ms}", "count: 4");
    const Report r = answered(yaml);
    const CandidateReport& c = r.candidates[0];
    CHECK(c.gpus == 4);
    CHECK(c.replicas == 3);
    CHECK(c.layout == "prefill 2 x 1 GPU, decode 1 x tp 2 · ep 2");
    CHECK(metric(c, "gpus") == 4);
    CHECK(metric(c, "usd_per_hour") == Approx(8));
    CHECK(metric(c, "usd_per_cold_start") == Approx(2 * 2.0 * metric(c, "cold_start_s") / 3600));   // the decoding replica's two GPUs
    const SimulationReport& s = simulation(c);
    CHECK(s.counts.completed == 300);
    CHECK(s.gpu_hours == Approx(4 * s.simulated_s / 3600).epsilon(0.02));   // paid from 0 on
    const auto note = std::ranges::find_if(c.warnings, [](const std::string& w) { return w.starts_with("pools are only simulated"); });
    REQUIRE(note != c.warnings.end());
    CHECK_THAT(*note, ContainsSubstring("of a replica that decodes (tp 2 · ep 2)"));
    // Two GPUs read the weights that one read: tokens come sooner.
    const Report even = answered(study("{prefill: 2, decode: 2, latency: 1 ms}"));
    CHECK(metric(c, "tpot_ms") < metric(even.candidates[0], "tpot_ms"));
    CHECK(metric(c, "ttft_ms") == Approx(metric(even.candidates[0], "ttft_ms")).epsilon(0.02));
}

TEST_CASE("skipping steps changes nothing between pools of different layouts", "[serving][pools]") {
    const std::string yaml = study("{prefill: {replicas: 2, layout: {tp: 1}}, decode: {layout: {tp: 2, ep: 2}}, link: 20 GB/s}", "count: 4", ", drift: {every: 5 s, share: 40 %}");
    SimulationOptions single;
    single.skip = false;
    const Report once = answered(yaml), step_by_step = answered(yaml, single);
    const SimulationReport &a = simulation(once.candidates[0]), &b = simulation(step_by_step.candidates[0]);
    CHECK(a.counts.steps == b.counts.steps);
    CHECK(a.counts.events < b.counts.events);
    CHECK(a.simulated_s == b.simulated_s);
    CHECK(a.gpu_hours == b.gpu_hours);
    for (std::size_t i = 0; i < a.latencies.size(); ++i) {
        INFO(a.latencies[i].metric);
        CHECK(a.latencies[i].mean == b.latencies[i].mean);
        CHECK(a.latencies[i].p99 == b.latencies[i].p99);
    }
}

TEST_CASE("experts are rebalanced in the pool that spreads them", "[serving][pools]") {
    const Report r = answered(study("{prefill: {layout: {tp: 1}}, decode: {layout: {tp: 1, dp: 2, ep: 2}}}", "count: 3", ", rebalance: {every: 10 s}"));
    CHECK(simulation(r.candidates[0]).counts.completed == 300);
    CHECK_THAT(refused(study("{prefill: {layout: {tp: 1}}, decode: {layout: {tp: 2}}}", "count: 3", ", rebalance: {every: 10 s}")),
               ContainsSubstring("there is nothing to rebalance"));
}

TEST_CASE("pools that are not the candidate's GPUs are refused with the count that would do", "[serving][pools]") {
    CHECK_THAT(refused(study("{prefill: {replicas: 2, layout: {tp: 4}}, decode: {layout: {tp: 4}}}", "count: 16")),
               ContainsSubstring("study.yaml:7: candidates[0].count: the pools take 12 GPUs (prefill 2 x 4 + decode 1 x 4), but the candidate has 16; count: 12 gives as many"));
    CHECK_THAT(refused(study("{prefill: {replicas: 2, layout: {tp: 4}}, decode: 1}", "count: 12")),
               ContainsSubstring("candidates[0].layout: the decode pool has no layout, and neither has the candidate"));
}

TEST_CASE("what is wrong with a pool is told once, at the pool", "[serving][pools]") {
    const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
    const std::string heads = refused(study("{prefill: {layout: {tp: 3}}, decode: {layout: {tp: 4}}}", "count: 7"));
    CHECK_THAT(heads, ContainsSubstring("candidates[0].simulate.pools.prefill.layout"));
    CHECK(lines(heads) <= 1);
    const std::string gpu = refused(study("{prefill: {layout: {tp: 4}}, decode: {layout: {tp: 4}}}", "count: 8, engine: vlm"));
    CHECK_THAT(gpu, ContainsSubstring("'vlm' is not a known engine"));
    CHECK(lines(gpu) <= 1);
}

TEST_CASE("a pool that does not fit makes the candidate one that does not, by name", "[serving][pools]") {
    const auto warned = [](const std::string& yaml) {
        const Report r = answered(yaml);
        CHECK_FALSE(r.candidates[0].fits);
        CHECK_FALSE(r.candidates[0].simulation);
        REQUIRE_FALSE(r.candidates[0].warnings.empty());
        std::string all;
        for (const auto& w : r.candidates[0].warnings) all += w + "\n";
        return all;
    };
    const std::string large = "model: mistralai/Mixtral-8x22B-v0.1";
    const auto with = [&](const std::string& pools) {
        std::string yaml = study(pools, "count: 9");
        return yaml.replace(yaml.find("model: Qwen/Qwen3-30B-A3B"), std::string("model: Qwen/Qwen3-30B-A3B").size(), large);
    };
    CHECK_THAT(warned(with("{prefill: {layout: {tp: 1}}, decode: {layout: {tp: 8}}}")), ContainsSubstring("does not fit: the prefill pool (1 GPU): weights"));
    CHECK_THAT(warned(with("{prefill: {layout: {tp: 8}}, decode: {layout: {tp: 1}}}")), ContainsSubstring("does not fit: the decode pool (1 GPU): weights"));
}

TEST_CASE("a pool's own limits are its own", "[serving][pools]") {
    const Report free = answered(study("{prefill: 2, decode: 2}"));
    const Report slots = answered(study("{prefill: 2, decode: {replicas: 2, max_sequences: 2}}"));
    CHECK(metric(slots.candidates[0], "e2e_ms") > metric(free.candidates[0], "e2e_ms"));
    const Report chunks = answered(study("{prefill: {replicas: 2, token_budget: 128}, decode: 2}"));
    CHECK(metric(chunks.candidates[0], "ttft_ms") > metric(free.candidates[0], "ttft_ms"));
}

TEST_CASE("a report tells what each pool did and which holds the other up", "[serving][pools]") {
    const auto told = [](const Report& r) { return simulation(r.candidates[0]).findings.back(); };
    const Report r = answered(study("{prefill: {replicas: 2, layout: {tp: 1}}, decode: {layout: {tp: 2, ep: 2}}, latency: 1 ms}", "count: 4"));
    const auto& pools = simulation(r.candidates[0]).pools;
    REQUIRE(pools.size() == 2);
    CHECK(pools[0].name == "prefill");
    CHECK(pools[0].gpus == 2);
    CHECK(pools[1].layout == "tp 2 · ep 2");
    CHECK(pools[1].weights_gb < 0.6 * pools[0].weights_gb);
    CHECK(pools[0].sending_mean.value > 0);
    CHECK(pools[1].sending_mean.value == 0);
    CHECK(pools[0].busy.low <= pools[0].busy.value);
    CHECK(pools[0].busy.high > pools[0].busy.low);
    CHECK_THAT(told(r), ContainsSubstring("neither pool holds the other up"));
    CHECK_THAT(told(answered(study("{prefill: {replicas: 2, token_budget: 128}, decode: 2}"))), ContainsSubstring("the prefill pool is the bottleneck"));
    CHECK_THAT(told(answered(study("{prefill: 2, decode: {replicas: 2, max_sequences: 2}}"))), ContainsSubstring("the decode pool is the bottleneck"));
    CHECK_THAT(told(answered(study("{prefill: 2, decode: 2, link: 0.05 GB/s}"))), ContainsSubstring("the links of the prefill pool are the bottleneck"));
    CHECK(simulation(answered(study("none")).candidates[0]).pools.empty());
}

TEST_CASE("nothing is swept and nothing asked of another load where pools are laid out differently", "[serving][pools]") {
    const std::string own = study("{prefill: {replicas: 2, layout: {tp: 1}}, decode: {layout: {tp: 2, ep: 2}}}", "count: 4");
    const Report r = answered(own + "sweep: {batch: [1, 8]}\n");
    CHECK(r.candidates[0].series.empty());
    CHECK_FALSE(answered(study("{prefill: 2, decode: 2}") + "sweep: {batch: [1, 8]}\n").candidates[0].series.empty());
    CHECK_THAT(refused(own + "expect: [{metric: a.tpot_ms@batch=8, at_most: 100}]\n"), ContainsSubstring("has pools laid out differently"));
}

TEST_CASE("a link carries what the receiving replica will hold", "[serving][pools]") {
    // A latent cache is kept whole by every tp rank: four copies travel to tp 4, one to each rank of dp 4.
    const auto sent = [](const std::string& decode) {
        std::string yaml = study("{prefill: {layout: {tp: 4}}, decode: {layout: " + decode + "}, link: 0.02 GB/s}", "count: 8");
        yaml.replace(yaml.find("model: Qwen/Qwen3-30B-A3B"), std::string("model: Qwen/Qwen3-30B-A3B").size(), "model: deepseek-ai/DeepSeek-V2-Lite");
        return metric(answered(yaml).candidates[0], "e2e_ms");
    };
    CHECK(sent("{tp: 4}") > 1.5 * sent("{tp: 1, dp: 4}"));
}
