// What must hold between simulated studies.
#include <fmt/format.h>

#include "core/report/report_writer.h"
#include "tests/serving/answers.h"

using namespace moeplan;

namespace {

const std::string kDense = "model: Qwen/Qwen3-14B, precision: fp8, gpu: h100_sxm";
const std::string kMoe = "model: Qwen/Qwen3-30B-A3B, precision: fp8_block, gpu: h100_sxm";

// `more` are further lines of the study, `candidates` its list.
std::string study(const std::string& load, const std::string& simulate, const std::string& candidates,
                  const std::string& more = {}) {
    return fmt::format(
        "method: simulate\nworkload: {{lengths: {{lognormal: {{input: {{mean: 800, cv: 0.8}}, output: {{mean: 200, cv: 0.8}}}}}}, "
        "load: {}, slo: {{ttft_p99: 500 ms, tpot_p99: 40 ms}}}}\nprice: {{gpu_hour: 3 USD}}\nsimulate: {}\n{}candidates:\n{}",
        load, simulate, more, candidates);
}

std::string one(const std::string& name, const std::string& rest) { return fmt::format("  - {{name: {}, {}}}\n", name, rest); }

SimulationOptions central_only() {
    SimulationOptions options;
    options.intervals = false;
    return options;
}

void same_figures(const CandidateReport& a, const CandidateReport& b) {
    const auto &x = simulation(a), &y = simulation(b);
    CHECK(x.counts.completed == y.counts.completed);
    CHECK(x.counts.steps == y.counts.steps);
    CHECK(x.simulated_s == y.simulated_s);
    REQUIRE(x.latencies.size() == y.latencies.size());
    for (std::size_t i = 0; i < x.latencies.size(); ++i) {
        INFO(x.latencies[i].metric);
        CHECK(x.latencies[i].mean.value == y.latencies[i].mean.value);
        CHECK(x.latencies[i].p99.value == y.latencies[i].p99.value);
        CHECK(x.latencies[i].max == y.latencies[i].max);
    }
}

}  // namespace

TEST_CASE("a study simulated twice gives the same bytes", "[serving]") {
    const std::string yaml = study("{gamma: {rate: 12/s, cv: 2}}", "{requests: 800}", one("a", kDense) + one("b", kMoe) + one("c", kDense + ", count: 2"));
    const auto json = make_json_writer({});
    CHECK((json->write(answered(yaml)) == json->write(answered(yaml))));
}

TEST_CASE("steps skipped and steps taken one by one give the same figures", "[serving]") {
    const std::string yaml = study("{poisson: {rate: 10/s}}", "{requests: 500}", one("a", kDense) + one("b", kMoe + ", speculative: {accept: 1.7}"));
    SimulationOptions by_step = central_only();
    by_step.skip = false;
    const Report skipped = answered(yaml, central_only()), stepped = answered(yaml, by_step);
    same_figures(skipped.candidates[0], stepped.candidates[0]);
    same_figures(skipped.candidates[1], stepped.candidates[1]);
    CHECK(simulation(skipped.candidates[0]).counts.events < simulation(stepped.candidates[0]).counts.events);
}

TEST_CASE("twice the replicas behind round robin halve the load each sees", "[serving]") {
    const Report r = answered(study("{poisson: {rate: 8/s}}", "{requests: 4000, router: round_robin}",
                                    one("one", kDense) + one("two", kDense + ", count: 2, layout: {tp: 1}")),
                              central_only());
    const auto &a = r.candidates[0], &b = r.candidates[1];
    CHECK(metric(b, "saturation") == Approx(metric(a, "saturation") / 2).epsilon(0.02));
    CHECK(simulation(b).requests_per_s.value == Approx(simulation(a).requests_per_s.value).epsilon(0.02));
    CHECK(metric(b, "tpot_ms") < metric(a, "tpot_ms"));
    // A replica of two at rate 8 stands where one stands at rate 4; every second arrival is more regular than a Poisson one.
    const Report half = answered(study("{poisson: {rate: 4/s}}", "{requests: 2000}", one("one", kDense)), central_only());
    CHECK(metric(b, "tpot_ms") == Approx(metric(half.candidates[0], "tpot_ms")).epsilon(0.04));
    CHECK(simulation(b).running_mean.value / 2 == Approx(simulation(half.candidates[0]).running_mean.value).epsilon(0.05));
}

TEST_CASE("money is GPU-hours times their price over tokens", "[serving]") {
    const Report r = answered(study("{poisson: {rate: 8/s}}", "{requests: 1000, warm_up: 0 s}", one("a", kDense + ", count: 2, layout: {tp: 1}")), central_only());
    const auto& c = r.candidates[0];
    const auto& s = simulation(c);
    CHECK(s.gpu_hours == Approx(2 * s.simulated_s / 3600).epsilon(0.001));
    CHECK(metric(c, "usd_per_hour") == Approx(6));
    CHECK(metric(c, "usd_per_mtok_output") == Approx(6.0 / 3600 / s.output_tok_s.value * 1e6).epsilon(0.01));
    CHECK(metric(c, "usd_per_request") == Approx(6.0 / 3600 / s.requests_per_s.value));
}

TEST_CASE("tokens of drafts that were accepted are all counted", "[serving]") {
    const Report r = answered("method: simulate\nworkload: {lengths: {input: 500, output: 300}, load: {poisson: {rate: 6/s}}}\n"
                              "simulate: {requests: 2000}\ncandidates:\n" + one("ahead", kDense + ", speculative: {accept: 2.4}"),
                              central_only());
    const auto& s = simulation(r.candidates[0]);
    // The last step of an answer may give a token or two that nobody asked for.
    CHECK(s.output_tok_s.value == Approx(300 * s.requests_per_s.value).epsilon(0.01));
}

TEST_CASE("more KV memory never makes more preemptions", "[serving]") {
    std::string candidates;
    for (const int blocks : {400, 600, 900, 1400, 4000}) candidates += one(fmt::format("kv{}", blocks), fmt::format("{}, kv_blocks: {}", kDense, blocks));
    const Report r = answered(study("{poisson: {rate: 4/s}}", "{requests: 800}", candidates), central_only());
    std::uint64_t before = simulation(r.candidates.front()).counts.preemptions;
    CHECK(before > 0);
    for (const auto& c : r.candidates) {
        INFO(c.name);
        CHECK(simulation(c).counts.preemptions <= before);
        before = simulation(c).counts.preemptions;
    }
    CHECK(before == 0);
}

TEST_CASE("a fleet of one is its member", "[serving]") {
    const Report r = answered(study("{poisson: {rate: 8/s}}", "{requests: 1000}", one("alone", kDense), "fleets: [{name: fleet, members: [{candidate: alone}]}]\n"),
                              central_only());
    REQUIRE(r.candidates.size() == 2);
    same_figures(r.candidates[0], r.candidates[1]);
    for (const char* id : {"usd_per_hour", "usd_per_request", "usd_per_mtok_output", "goodput_rps", "gpus"}) {
        INFO(id);
        CHECK(metric(r.candidates[0], id) == Approx(metric(r.candidates[1], id)));
    }
}

TEST_CASE("a fault after the end changes nothing", "[serving]") {
    const std::string copies = kDense + ", count: 2, layout: {tp: 1}";
    const Report r = answered(study("{poisson: {rate: 8/s}}", "{requests: 1000}", one("well", copies) + one("later", copies + ", simulate: {faults: [{replica: 1, at: 10 h}]}")),
                              central_only());
    same_figures(r.candidates[0], r.candidates[1]);
}

TEST_CASE("a dense model has no experts to drift or to place anew", "[serving]") {
    const Report r = answered(study("{poisson: {rate: 8/s}}", "{requests: 1000}",
                                    one("still", kDense) + one("drifting", kDense + ", simulate: {drift: {every: 5 s, share: 50 %}, rebalance: {every: 20 s}}")),
                              central_only());
    same_figures(r.candidates[0], r.candidates[1]);
}

namespace {

std::string capacity_study(const char* method, const char* lengths, const std::string& load, const std::string& more) {
    return fmt::format("method: {}\nworkload: {{lengths: {}, load: {}}}\n{}candidates:\n{}{}", method, lengths, load, more, one("dense", kDense), one("moe", kMoe));
}
const std::string kLongRun = "simulate: {requests: 6000, warm_up: 20 s}\n";

}  // namespace

// Requests of one length that wait in line end together and are prefilled together, as those of a closed loop are.
TEST_CASE("an overloaded replica serves equal requests as fast as a full closed loop", "[serving]") {
    const char* lengths = "{input: 1024, output: 256}";
    const Report over = answered(capacity_study("simulate", lengths, "{poisson: {rate: 100/s}}", kLongRun), central_only());
    for (std::size_t i = 0; i < 2; ++i) {
        const auto& s = simulation(over.candidates[i]);
        INFO(over.candidates[i].name);
        const auto full = answered(capacity_study("analyse", lengths, fmt::format("{{concurrency: {:.0f}}}", s.running_mean.value), ""));
        CHECK(s.output_tok_s.value == Approx(metric(full.candidates[i], "output_tok_s")).epsilon(0.12));   // it preempts, too
    }
}

TEST_CASE("an overloaded replica serves mixed requests at the closed form's capacity", "[serving]") {
    const char* lengths = "{lognormal: {input: {mean: 1000, cv: 0.7}, output: {mean: 250, cv: 0.7}}}";
    const Report closed = answered(capacity_study("analyse", lengths, "{poisson: {rate: 1/s}}", ""));
    const Report over = answered(capacity_study("simulate", lengths, "{poisson: {rate: 100/s}}", kLongRun), central_only());
    for (std::size_t i = 0; i < 2; ++i) {
        INFO(closed.candidates[i].name);
        const double capacity = 1 / metric(closed.candidates[i], "saturation");
        CHECK(simulation(over.candidates[i]).requests_per_s.value == Approx(capacity).epsilon(0.1));
    }
}
