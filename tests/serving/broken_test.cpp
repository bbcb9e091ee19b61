// Studies that cannot be simulated, or in which nothing goes right: one clear message or finding, never a hang.
#include <fmt/format.h>

#include "tests/serving/answers.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

std::string study(const std::string& simulate, const std::string& more = {}, const std::string& lengths = "{input: 1000, output: 100}",
                  const std::string& load = "{poisson: {rate: 4/s}}") {
    return fmt::format(
        "method: simulate\nworkload: {{lengths: {}, load: {}}}\nsimulate: {}\ncandidates:\n"
        "  - {{name: a, model: Qwen/Qwen3-14B, precision: fp8, gpu: h100_sxm, count: 2, layout: {{tp: 1}}{}}}\n",
        lengths, load, simulate, more);
}

std::string findings(const CandidateReport& c) {
    std::string all;
    for (const auto& f : simulation(c).findings) all += f + "\n";
    for (const auto& w : c.warnings) all += w + "\n";
    return all;
}

}  // namespace

TEST_CASE("pools and scaling that are not the candidate's replicas are refused with the right count", "[serving]") {
    CHECK_THAT(refused(study("{pools: {prefill: 2, decode: 3}}")), ContainsSubstring("2 + 3 replicas in pools, but the candidate has 2; count: 5 gives as many"));
    CHECK_THAT(refused(study("{autoscale: {least: 1, most: 5, scale_up_above: 5, scale_down_below: 2}}")), ContainsSubstring("up to 5 replicas, but the candidate has 2"));
}

TEST_CASE("a fault of a replica that is not there is refused", "[serving]") {
    CHECK_THAT(refused(study("{faults: [{replica: 7, at: 10 s}]}")), ContainsSubstring("there is no replica 7 in a; it has 2, counted from 0"));
}

TEST_CASE("a replica that is lost while it is lost is refused, with both times", "[serving]") {
    CHECK_THAT(refused(study("{faults: [{replica: 0, at: 10 s, back: 20 s}, {replica: 0, at: 5 s, back: 400 s}]}")),
               ContainsSubstring("replica 0 is lost at 10 s while it is lost already, from 5 s until 400 s"));
    CHECK_THAT(refused(study("{faults: [{replica: 1, at: 5 s}, {replica: 1, at: 10 s, back: 30 s}]}")), ContainsSubstring("replica 1 is lost at 10 s while it is lost already, from 5 s for good"));
    CHECK(refused(study("{requests: 50, faults: [{replica: 0, at: 20 s, back: 30 s}, {replica: 0, at: 5 s, back: 20 s}, {replica: 1, at: 6 s, back: 25 s}]}")).empty());
}

TEST_CASE("candidates whose files would have one name are refused before anything is written", "[serving]") {
    Scratch scratch;
    auto scenario = parse_scenario("method: simulate\nworkload: {lengths: {input: 10, output: 10}, load: {concurrency: 1}}\nsimulate: {requests: 5}\ncandidates:\n"
                                   "  - &a {name: x/y, model: Qwen/Qwen3-14B, gpu: h100_sxm}\n  - {<<: *a, name: x-y}\n", "study.yaml");
    REQUIRE(scenario);
    SimulationOptions options;
    options.requests_file = scratch.path("r.csv");
    RunControl quiet;
    const auto report = run(*scenario, builtin_catalog(), quiet, options);
    REQUIRE_FALSE(report);
    CHECK_THAT(problems_of(report), ContainsSubstring("'x/y' and 'x-y' would both write"));
    CHECK_FALSE(std::filesystem::exists(scratch.path("r-x-y.csv")));
}

TEST_CASE("settings that a run had no use for are told", "[serving]") {
    const auto told = [](const std::string& workload, const std::string& simulate, const std::string& candidate = "") {
        return findings(answered(fmt::format("method: simulate\nworkload: {{lengths: {{input: 1000, output: 20}}, load: {{poisson: {{rate: 4/s}}}}{}}}\nsimulate: {{requests: 100{}}}\n"
                                             "candidates:\n  - {{name: a, model: openai/gpt-oss-20b, gpu: h100_sxm, count: 2{}}}\n", workload, simulate, candidate)).candidates[0]);
    };
    CHECK_THAT(told(", prefixes: {groups: 3, tokens: 5}", ""), ContainsSubstring("prefixes of 5 tokens are never found"));
    CHECK_THAT(told(", prefix_shared: 50 %", ", prefix_cache: false"), ContainsSubstring("prefix_cache is off"));
    CHECK_THAT(told(", prefixes: {groups: 3, tokens: 500}", ", prefix_cache: false, router: prefix_affinity"), ContainsSubstring("router: prefix_affinity sends requests"));
    CHECK_THAT(told(", prefixes: {groups: 3, tokens: 500}", ", router: prefix_affinity"), !ContainsSubstring("router"));
    CHECK_THAT(told(", prefix_shared: 50 %, prefixes: {groups: 3, tokens: 500}", ""), ContainsSubstring("prefix_shared is not heeded"));
    CHECK_THAT(told("", ", drift: {every: 5 s, share: 10 %}", ", layout: {tp: 2}"), ContainsSubstring("drift moves experts' popularity, but with ep: 1"));
    CHECK_THAT(told("", ", rebalance: {every: 500 s, redundant: 2}", ", layout: {tp: 1, dp: 2, ep: 2}"), ContainsSubstring("rebalancing every 500 s never came"));
    CHECK_THAT(told("", ", autoscale: {least: 1, most: 2, scale_up_above: 5, scale_down_below: 1, cold_start: 1 h}", ", layout: {tp: 1}"),
               ContainsSubstring("a cold start of 3600 s is longer"));
    const std::string nothing = told(", prefixes: {groups: 3, tokens: 500}", ", rebalance: {every: 5 s, redundant: 2}, drift: {every: 5 s, share: 10 %}", ", layout: {tp: 1, dp: 2, ep: 2}");
    for (const char* word : {"never", "not heeded", "longer than the run", "changes nothing"}) CHECK(nothing.find(word) == std::string::npos);
}

TEST_CASE("a trace that is gone, cut short, empty or no trace is refused by name", "[serving]") {
    Scratch scratch;
    const auto with = [&](const std::string& file) { return refused(study("{}", "", "{trace: " + file + "}", "{trace: {}}")); };
    CHECK_THAT(with("/nowhere/gone.csv"), ContainsSubstring("gone.csv: cannot be opened"));
    CHECK_THAT(with(scratch.file("empty.csv", "")), ContainsSubstring("empty.csv: empty"));
    CHECK_THAT(with(scratch.file("other.csv", "name,colour\na,b\n")), ContainsSubstring("other.csv:1"));
    const std::string whole = text_of(MOEPLAN_SOURCE_DIR "/scenarios/traces/azure_2023_conversation.csv.gz");
    CHECK_THAT(with(scratch.file("cut.gz", whole.substr(0, whole.size() / 2))), ContainsSubstring("cut short"));
}

TEST_CASE("a cache too small for one request is a candidate that does not fit", "[serving]") {
    const Report r = answered(study("{requests: 10}", ", kv_blocks: 10"));
    CHECK_FALSE(r.candidates[0].simulation);
    CHECK(metric(r.candidates[0], "fits") == 0);
    REQUIRE_FALSE(r.candidates[0].warnings.empty());
    CHECK_THAT(r.candidates[0].warnings[0], ContainsSubstring("the 10 blocks of cache given (kv_blocks) cannot hold one sequence of 1100 tokens, which takes 69 of 16 tokens"));
}

TEST_CASE("requests that are larger than the cache are rejected and named, the others served", "[serving]") {
    const Report r = answered(study("{requests: 400, warm_up: 0 s}", ", kv_blocks: 120", "{uniform: {input: [100, 2500], output: [10, 50]}}", "{poisson: {rate: 1/s}}"));
    const auto& n = simulation(r.candidates[0]).counts;
    CHECK(n.rejected > 0);
    CHECK(n.completed > 0);
    CHECK(n.completed + n.rejected == 400);
    CHECK_THAT(findings(r.candidates[0]), ContainsSubstring("can never be served and were rejected"));
}

TEST_CASE("a rate far beyond capacity ends and says so", "[serving]") {
    const Report r = answered(study("{requests: 500}", "", "{input: 1000, output: 100}", "{poisson: {rate: 1000000000/s}}"));
    CHECK(simulation(r.candidates[0]).counts.completed == 500);
    CHECK_THAT(findings(r.candidates[0]), ContainsSubstring("overloaded"));
}

TEST_CASE("a warm-up longer than the run is told with both times", "[serving]") {
    const Report r = answered(study("{requests: 100, warm_up: 1 h}"));
    const CandidateReport& c = r.candidates[0];
    CHECK(simulation(c).measured == 0);
    REQUIRE_FALSE(c.warnings.empty());
    CHECK_THAT(c.warnings[0], ContainsSubstring("warm_up: 3600 s leaves out every request of a run of "));
    CHECK_THAT(findings(c), ContainsSubstring("after the warm-up of 3600 s (the last arrived after "));
    CHECK(findings(answered(study("{requests: 100, warm_up: 1 s}")).candidates[0]).find("warm_up:") == std::string::npos);
}

TEST_CASE("one request is simulated", "[serving]") {
    const Report r = answered(study("{requests: 1}"));
    CHECK(simulation(r.candidates[0]).counts.completed == 1);
    CHECK(simulation(r.candidates[0]).latencies.size() == 5);
}

TEST_CASE("where nobody is served there are no latencies, and a finding", "[serving]") {
    const Report r = answered(study("{requests: 200, timeout: 1 ns}"));
    CHECK(simulation(r.candidates[0]).counts.timed_out == 200);
    CHECK_THAT(findings(r.candidates[0]), ContainsSubstring("none of 200 requests was completed: 0 rejected, 200 given up"));
    for (const char* id : {"ttft_ms", "tpot_ms", "e2e_ms", "tok_s_per_user", "usd_per_request"}) {
        INFO(id);
        CHECK_FALSE(r.candidates[0].find(id));
    }
}

TEST_CASE("when every replica is lost for good the run ends and says who was never served", "[serving]") {
    const Report r = answered(study("{requests: 200, faults: [{replica: 0, at: 1 s}, {replica: 1, at: 1 s}]}"));
    CHECK(simulation(r.candidates[0]).counts.unfinished > 100);
    CHECK_THAT(findings(r.candidates[0]), ContainsSubstring("were never finished: no replica took them any more"));
}
