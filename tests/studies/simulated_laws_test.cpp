// What must hold in every simulated study.
#include <algorithm>
#include <cmath>

#include "tests/studies/studies.h"
#include "tests/support/catch.h"

using namespace moeplan;
using namespace moeplan::testing;

namespace {

// Every candidate and fleet of the simulated studies that was simulated.
template <class Check>
void for_every_simulation(Check check) {
    for (const auto& file : studies()) {
        if (file.filename().string().rfind("simulate-", 0) != 0) continue;
        DYNAMIC_SECTION(file.filename().string()) {
            const auto& answer = answer_of(file);
            INFO((answer ? std::string() : problems_text(answer.error())));
            REQUIRE(answer);
            REQUIRE(answer->scenario.method == Method::simulate);
            for (const auto& c : answer->report.candidates) {
                INFO(c.name);
                REQUIRE(c.simulation);
                check(answer->scenario, c, *c.simulation);
            }
        }
    }
}

double value_of(const CandidateReport& c, const std::string& id) {
    const auto* m = c.find(id);
    INFO(id);
    REQUIRE(m);
    return m->value.value;
}

}  // namespace

TEST_CASE("simulated studies account for every request") {
    for_every_simulation([](const Scenario&, const CandidateReport&, const SimulationReport& s) {
        const auto& n = s.counts;
        CHECK(n.arrived > 0);
        CHECK(n.arrived == n.completed + n.rejected + n.timed_out + n.unfinished);
        CHECK(n.unfinished == 0);
        CHECK(s.measured <= n.completed);
        CHECK(n.cached_tokens <= n.input_tokens);
    });
}

TEST_CASE("simulated percentiles rise and stay below the largest") {
    for_every_simulation([](const Scenario&, const CandidateReport&, const SimulationReport& s) {
        CHECK(s.latencies.size() == 5);
        for (const auto& l : s.latencies) {
            INFO(l.metric);
            CHECK(l.p50.value <= l.p90.value);
            CHECK(l.p90.value <= l.p95.value);
            CHECK(l.p95.value <= l.p99.value);
            CHECK(l.p99.value <= l.max * (1 + 1e-6));
            CHECK(l.mean.value <= l.max * (1 + 1e-6));
        }
    });
}

TEST_CASE("simulated requests wait in the queue for a part of their time to the first token") {
    for_every_simulation([](const Scenario&, const CandidateReport&, const SimulationReport& s) {
        const auto wait = std::ranges::find(s.latencies, "wait_ms", &SimulatedLatency::metric);
        const auto first = std::ranges::find(s.latencies, "ttft_ms", &SimulatedLatency::metric);
        REQUIRE(wait != s.latencies.end());
        REQUIRE(first != s.latencies.end());
        CHECK(wait->mean.value >= 0);
        CHECK(wait->mean.value < first->mean.value);
        CHECK(wait->p99.value <= first->p99.value);
    });
}

TEST_CASE("simulated goodput is throughput that met the objectives") {
    for_every_simulation([](const Scenario& scenario, const CandidateReport&, const SimulationReport& s) {
        CHECK(s.goodput_rps.has_value() == !scenario.workload.slo.empty());
        if (!s.goodput_rps || !s.attainment) return;
        CHECK(s.goodput_rps->value <= s.requests_per_s.value * (1 + 1e-9));
        CHECK(s.attainment->value >= 0);
        CHECK(s.attainment->value <= 1);
    });
}

TEST_CASE("simulated money is what is paid an hour over what is served in it") {
    for_every_simulation([](const Scenario&, const CandidateReport& c, const SimulationReport& s) {
        const double hour = value_of(c, "usd_per_hour");
        CHECK(value_of(c, "usd_per_request") == Approx(hour / 3600 / s.requests_per_s.value).epsilon(1e-9));
        // The GPUs paid for on average: all of them, or as many as were there.
        const double gpus = s.gpu_hours * 3600 / s.simulated_s;
        CHECK(gpus <= static_cast<double>(c.gpus) * 1.01);
        CHECK(gpus > 0);
    });
}

TEST_CASE("simulated caches and replicas are never more than full") {
    for_every_simulation([](const Scenario&, const CandidateReport&, const SimulationReport& s) {
        CHECK(s.kv_mean.value <= s.kv_peak.value);
        CHECK(s.kv_peak.value <= 1);
        CHECK(s.busy.value <= 1 + 1e-9);
        CHECK(s.busy.value > 0);
        CHECK(s.waiting_mean.value <= s.waiting_peak.value);
    });
}
