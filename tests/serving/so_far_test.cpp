// What a simulation tells while it runs, and what pictures find in its answer.

#include <algorithm>
#include <atomic>
#include <map>

#include "core/report/report_writer.h"
#include "tests/serving/answers.h"

using namespace moeplan;

namespace {

// Long enough to tell several times.
const char* const kStudy = R"(
name: told
method: simulate
workload:
  lengths: {lognormal: {input: {mean: 300, cv: 1}, output: {mean: 60, cv: 1}}}
  load: {poisson: {rate: 12/s}}
price: {gpu_hour: 2 USD}
simulate: {requests: 60000}
candidates:
  - {name: a, model: llama-3-8b, gpu: h100_sxm, count: 1}
  - {name: b, model: llama-3-8b, gpu: a100_sxm, count: 2, layout: {tp: 1}}
)";

Scenario study() {
    auto s = parse_scenario(kStudy, "study.yaml");
    INFO(problems_of(s));
    REQUIRE(s);
    return *s;
}

std::string json(const Result<Report>& report) {
    INFO(problems_of(report));
    REQUIRE(report);
    return make_json_writer({})->write(*report);
}

}  // namespace

TEST_CASE("what is told so far grows towards the answer and changes nothing of it") {
    const Scenario s = study();
    RunControl quiet;
    SimulationOptions options;
    options.intervals = false;
    const auto plain = run(s, builtin_catalog(), quiet, options);
    std::map<std::string, std::vector<SimulationReport>> told;
    options.so_far = [&](const std::string& name, const SimulationReport& r) { told[name].push_back(r); };
    const auto watched = run(s, builtin_catalog(), quiet, options);
    CHECK((json(watched) == json(plain)));
    for (const CandidateReport& c : watched->candidates) {
        CAPTURE(c.name, told[c.name].size());
        REQUIRE_FALSE(told[c.name].empty());
        std::uint64_t before = 0;
        for (const SimulationReport& r : told[c.name]) {
            CHECK(r.counts.arrived > before);
            before = r.counts.arrived;
            CHECK(r.counts.completed <= r.counts.arrived);
            CHECK(r.measured == r.counts.completed);
            REQUIRE(r.latencies.size() == 3);
            CHECK(r.latencies[0].metric == "ttft_ms");
            CHECK_FALSE(r.series.empty());
            CHECK(r.sample.size() == 200);
        }
        const SimulationReport& last = told[c.name].back();
        CHECK(last.counts.arrived <= c.simulation->counts.arrived);
        // Half of the run and more says nearly the same: it is one process.
        if (2 * last.counts.arrived > c.simulation->counts.arrived) {
            CHECK(last.requests_per_s.value == Approx(c.simulation->requests_per_s.value).epsilon(0.1));
        }
    }
}

TEST_CASE("a run can be stopped from what it tells, in any of its three runs") {
    const Scenario s = study();
    std::atomic<bool> stop{false};
    RunControl control;
    control.cancel = &stop;
    SimulationOptions options;
    options.so_far = [&](const std::string&, const SimulationReport&) { stop = true; };
    const auto none = run(s, builtin_catalog(), control, options);
    REQUIRE_FALSE(none);
    CHECK(none.error().front().what == "cancelled");
}

TEST_CASE("a run stopped before it begins does not look ahead first") {
    const Scenario s = study();
    const std::atomic<bool> stop{true};
    RunControl control;
    control.cancel = &stop;
    const auto none = run(s, builtin_catalog(), control);
    REQUIRE_FALSE(none);
    CHECK(problems_of(none).find("cancelled") != std::string::npos);
}

TEST_CASE("an answer carries distributions and a sample of requests") {
    Scenario s = study();
    s.simulate.requests = 3000;
    RunControl quiet;
    const auto report = run(s, builtin_catalog(), quiet);
    REQUIRE(report);
    for (const CandidateReport& c : report->candidates) {
        const SimulationReport& r = simulation(c);
        REQUIRE(r.latencies.size() == 5);
        for (const SimulatedLatency& l : r.latencies) {
            CAPTURE(c.name, l.metric);
            REQUIRE(l.distribution.size() == 103);
            CHECK(std::ranges::is_sorted(l.distribution));
            CHECK(l.distribution.front().first == 0);
            CHECK(l.distribution.back().first == 1);
            CHECK(l.distribution.back().second <= l.max * (1 + 1e-9));
            const double slack = l.metric == "itl_ms" ? 0.017 : 0;
            CHECK(l.distribution[50].second == Approx(l.p50.value).epsilon(slack));
            CHECK(l.distribution[99].second == Approx(l.p99.value).epsilon(slack));
        }
        REQUIRE(r.sample.size() == 200);
        for (const SimulatedRequest& q : r.sample) {
            CHECK(q.outcome == "completed");
            REQUIRE(q.started);
            CHECK(q.arrived <= *q.started);
            CHECK(*q.started < *q.first_token);
            CHECK(*q.first_token <= *q.finished);
        }
    }
}
