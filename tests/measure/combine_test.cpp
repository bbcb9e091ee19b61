#include "sim/measure/combine.h"

#include <cmath>

#include "tests/support/catch.h"

using namespace moeplan;

namespace {

Measured measured(double factor) {
    Measured m;
    m.counts.arrived = 10;
    m.latencies = {
        {"ttft_ms", 10, 100 * factor, 90 * factor, 150 * factor, 170 * factor, 200 * factor, 250 * factor, 4.0, 9.0}};
    m.requests_per_s = 2 / factor;
    m.goodput_rps = 1.5 / factor;
    m.kv_mean = 0.4 * factor;
    m.replica_hours = 3;
    m.findings = {"found"};
    return m;
}

}  // namespace

TEST_CASE("three runs make intervals around the central one, whichever way a figure goes", "[measure]") {
    const Measured central = measured(1), fast = measured(0.8), slow = measured(1.3);
    const SimulationReport r = combined(central, &fast, &slow, {4, std::nullopt, Estimate{0.7, 0.5, 0.9}, 12});
    REQUIRE(r.latencies.size() == 1);
    CHECK(r.latencies[0].mean == Estimate{100, 80, 130});
    CHECK(r.latencies[0].p99 == Estimate{200, 160, 260});
    CHECK(r.latencies[0].max == 250);
    CHECK(r.latencies[0].sampling_mean == 4.0);
    CHECK(r.latencies[0].sampling_p99 == 9.0);
    CHECK(r.requests_per_s.low == Approx(2 / 1.3));
    CHECK(r.requests_per_s.high == Approx(2 / 0.8));
    CHECK(r.goodput_rps->value == 1.5);
    CHECK(r.goodput_rps->low <= r.goodput_rps->value);
    CHECK(r.saturation->high == 0.9);
    CHECK(r.gpu_hours == 12);
    CHECK(r.findings == std::vector<std::string>{"found"});
    CHECK(r.invariants_checked == 12);
}

TEST_CASE("the order of the runs does not matter to low and high", "[measure]") {
    const Measured central = measured(1), fast = measured(0.8), slow = measured(1.3);
    CHECK(combined(central, &slow, &fast).latencies[0].p50 == combined(central, &fast, &slow).latencies[0].p50);
    // Both on one side: the value is an end.
    const Measured slower = measured(1.6);
    CHECK(combined(central, &slow, &slower).latencies[0].mean == Estimate{100, 100, 160});
}

TEST_CASE("what first tokens are off by widens their interval independently of the runs, and no other's", "[measure]") {
    Measured central = measured(1), fast = measured(0.8), slow = measured(1.3);
    for (Measured* m : {&central, &fast, &slow}) {
        m->latencies.push_back(m->latencies.front());
        m->latencies.back().metric = "tpot_ms";
    }
    RunFacts facts;
    facts.first_token_error = {1, 0.7, 1.4};
    const SimulationReport r = combined(central, &fast, &slow, facts);
    for (const Estimate& e : {r.latencies[0].mean, r.latencies[0].p99}) {
        CHECK(std::log(e.value / e.low) == Approx(std::hypot(std::log(1 / 0.8), std::log(1 / 0.7))));
        CHECK(std::log(e.high / e.value) == Approx(std::hypot(std::log(1.3), std::log(1.4))));
    }
    CHECK(r.latencies[1].mean == Estimate{100, 80, 130});
    CHECK(combined(central, nullptr, nullptr, facts).latencies[0].mean.is_exact());   // nobody asked for an interval
}

TEST_CASE("one run alone is a point, and what it lacks stays absent", "[measure]") {
    Measured central = measured(1);
    central.goodput_rps.reset();
    const Measured other = measured(1.1);
    const SimulationReport alone = combined(central, nullptr, nullptr);
    CHECK(alone.latencies[0].mean.is_exact());
    CHECK_FALSE(combined(central, &other, nullptr).goodput_rps);
    Measured empty;
    CHECK(combined(measured(1), &empty, nullptr).latencies[0].mean.is_exact());   // it has no latency to widen by
    CHECK(combined(measured(1), nullptr, nullptr, {4, 7.5, std::nullopt, 0}).gpu_hours == 7.5);
}
