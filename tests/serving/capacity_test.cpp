// What a simulated fleet sustains, and what a report says of a load beside it.
#include <fmt/format.h>

#include "core/report/report_writer.h"
#include "tests/serving/answers.h"

using namespace moeplan;

namespace {

std::string study(const char* lengths, double rate, const std::string& candidate, int requests = 6000, const std::string& simulate = "") {
    return fmt::format("method: simulate\nworkload: {{lengths: {}, load: {{poisson: {{rate: {}/s}}}}}}\nsimulate: {{requests: {}{}}}\n"
                       "routing: {{zipf: {{alpha: 0.6}}}}\ncandidates:\n  - {{name: a, {}}}\n",
                       lengths, rate, requests, simulate, candidate);
}

Report central(const std::string& yaml) {
    SimulationOptions options;
    options.intervals = false;
    return answered(yaml, options);
}

bool says(const CandidateReport& c, const std::string& text) {
    for (const std::string& w : c.warnings) {
        if (w.find(text) != std::string::npos) return true;
    }
    return false;
}

const char* const kQwen = "model: Qwen/Qwen3-30B-A3B, precision: fp8_block, gpu: h100_sxm";

}  // namespace

TEST_CASE("below the measured capacity queues stand, above it they grow and the report says so", "[serving]") {
    const auto [lengths, candidate] = GENERATE(
        // Small budgets, prompts alone, and a memory that few long answers fill.
        std::pair{"{lognormal: {input: {mean: 1000, cv: 1}, output: {mean: 200, cv: 0.8}}}", std::string(kQwen) + ", token_budget: 256"},
        std::pair{"{input: 3000, output: 2}", std::string(kQwen)},
        std::pair{"{lognormal: {input: {mean: 200, cv: 0.5}, output: {mean: 800, cv: 0.8}}}", std::string("model: meta-llama/Meta-Llama-3-8B, precision: bf16, gpu: l40s")});
    INFO(candidate);
    const double capacity = 0.5 / metric(central(study(lengths, 0.5, candidate, 400)).candidates.front(), "saturation");
    const Report below = central(study(lengths, 0.85 * capacity, candidate)), above = central(study(lengths, 1.25 * capacity, candidate));
    const auto &fits = below.candidates.front(), &overloaded = above.candidates.front();
    CHECK(metric(fits, "saturation") == Approx(0.85).epsilon(0.05));
    CHECK_FALSE(says(fits, "overloaded"));
    CHECK(simulation(fits).requests_per_s.value == Approx(0.85 * capacity).epsilon(0.05));
    CHECK(says(overloaded, "overloaded"));
    CHECK(simulation(overloaded).requests_per_s.value < 1.1 * capacity);
    CHECK(simulation(overloaded).waiting_mean.value > 5 * simulation(fits).waiting_mean.value);
}

TEST_CASE("a load is a share of what the candidate itself sustains: its cache, its scheduler, its pools", "[serving]") {
    const std::string prefixed = "method: simulate\nworkload: {lengths: {input: 4200, output: 100}, load: {poisson: {rate: 10/s}}, prefixes: {groups: 4, tokens: 4000}}\n"
                                 "simulate: {requests: 1000}\ncandidates:\n  - &a {name: cached, " + std::string(kQwen) + "}\n"
                                 "  - {<<: *a, name: computed, simulate: {prefix_cache: false}}\n";
    const Report r = central(prefixed);
    CHECK(metric(r.candidates[1], "saturation") > 2 * metric(r.candidates[0], "saturation"));
    const char* const lengths = "{lognormal: {input: {mean: 1000, cv: 1}, output: {mean: 200, cv: 0.8}}}";
    const double together = metric(central(study(lengths, 5, kQwen, 500)).candidates.front(), "saturation");
    const double by_batch = metric(central(study(lengths, 5, kQwen, 500, ", scheduler: static")).candidates.front(), "saturation");
    CHECK(by_batch > 1.2 * together);
    // A fleet of prefill and decode pools has one too.
    const auto pooled = central(study(lengths, 5, std::string(kQwen) + ", count: 4, layout: {tp: 1}", 500, ", pools: {prefill: {replicas: 2}, decode: {replicas: 2}, link: 50 GB/s}"));
    CHECK(metric(pooled.candidates.front(), "saturation") > 0.1 * together);
    CHECK(metric(pooled.candidates.front(), "saturation") < 2 * together);
}

TEST_CASE("answers of one token have no time between tokens, in any form of report", "[serving]") {
    const Report r = answered(study("{input: 2000, output: 1}", 5, kQwen, 300));
    const CandidateReport& c = r.candidates.front();
    CHECK(c.find("tpot_ms") == nullptr);
    CHECK(c.find("tok_s_per_user") == nullptr);
    CHECK(metric(c, "ttft_ms") > 0);
    for (const auto make : {make_json_writer, make_csv_writer}) CHECK_FALSE(make({})->write(r).empty());
}

TEST_CASE("cache and queue are told at their fullest, steps skipped or not", "[serving]") {
    // Answers so long that nobody ends for hundreds of steps, in a cache that then runs out.
    const std::string yaml = "method: simulate\nworkload: {lengths: {input: 100, output: 3000}, load: {concurrency: 12}}\nsimulate: {requests: 36}\n"
                             "candidates:\n  - {name: a, model: Qwen/Qwen3-14B, precision: fp8, gpu: h100_sxm, kv_blocks: 1600}\n";
    SimulationOptions by_step;
    by_step.intervals = by_step.skip = false;
    const SimulationReport skipped = simulation(central(yaml).candidates.front()), stepped = simulation(answered(yaml, by_step).candidates.front());
    CHECK(stepped.kv_peak.value > 0.95);
    CHECK(skipped.kv_peak.value == Approx(stepped.kv_peak.value));
    CHECK(skipped.kv_mean.value == Approx(stepped.kv_mean.value).epsilon(0.02));
    // Requests without a replica to go to wait as well.
    const Report lost = central(study("{input: 500, output: 100}", 10, kQwen, 600, ", faults: [{replica: 0, at: 20 s}]"));
    CHECK(simulation(lost.candidates.front()).waiting_peak.value >= simulation(lost.candidates.front()).waiting_mean.value);
    CHECK(simulation(lost.candidates.front()).waiting_peak.value > 100);
}

TEST_CASE("what rebalancing does is told over the run, not over its first interval", "[serving]") {
    const auto hottest = [](int requests) {
        const Report r = central("method: simulate\nworkload: {lengths: {input: 500, output: 200}, load: {poisson: {rate: 20/s}}}\nrouting: {zipf: {alpha: 1.2}}\n" +
                                 fmt::format("simulate: {{requests: {}, rebalance: {{every: 10 s, redundant: 4}}}}\n", requests) +
                                 "candidates:\n  - {name: a, model: openai/gpt-oss-20b, gpu: h100_sxm, count: 4, layout: {tp: 1, dp: 4, ep: 4}}\n");
        for (const std::string& f : simulation(r.candidates.front()).findings) {
            const auto at = f.find("hottest rank carries ");
            if (at != std::string::npos) return std::stod(f.substr(at + 21));
        }
        FAIL("nothing is said of rebalancing");
        return 0.0;
    };
    // Nothing drifts: only the first ten seconds are unbalanced.
    CHECK(hottest(4000) < hottest(500) - 0.1);
}
