#include "sim/measure/recorder.h"

#include <algorithm>
#include <cmath>

#include "sim/measure/order_statistics.h"
#include "tests/measure/small_engine.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

constexpr Ticks kMs = 1'000'000'000;

// Two requests on one replica. The first (3 tokens) gets its first token after 10 ms; the second (2 tokens) arrives at
// 5 ms, its prompt runs beside the first's second token from 10 to 30 ms, and both end with a decode step at 34 ms.
void two_requests(Observer& o) {
    Arrival first, second;
    first.input = 100, first.output = 3;
    second.at = 5 * kMs, second.input = 50, second.output = 2;
    o.arrived(0, first);
    o.arrived(1, second);
    o.stepped({0, 0, 10 * kMs, 100, 1, 1, 0});
    o.state({0, 10 * kMs, 1, 1, 7, 0, 100});
    o.stepped({0, 10 * kMs, 30 * kMs, 50, 1, 1, 1});
    o.state({0, 30 * kMs, 2, 0, 11, 0, 100});
    o.decoded({0, 30 * kMs, 4 * kMs, 0, 1, 2, 2});
    o.state({0, 34 * kMs, 0, 0, 0, 0, 100});
    RequestRecord a, b;
    a.id = 0, a.started = 0, a.first_token = 10 * kMs, a.finished = 34 * kMs, a.input = 100, a.output = 3, a.replica = 0;
    b.id = 1, b.arrival = 5 * kMs, b.started = 10 * kMs, b.first_token = 30 * kMs, b.finished = 34 * kMs, b.input = 50, b.output = 2,
    b.replica = 0;
    b.cached_tokens = 15;
    o.ended(a);
    o.ended(b);
}

double ms(Ticks ticks) { return static_cast<double>(ticks) / static_cast<double>(kMs); }

}  // namespace

TEST_CASE("two requests give the figures worked by hand", "[measure]") {
    Recorder recorder({});
    two_requests(recorder);
    const Measured m = recorder.finish();
    CHECK(m.counts.arrived == 2);
    CHECK(m.counts.completed == 2);
    CHECK(m.counts.steps == 3);
    CHECK(m.counts.output_tokens == 5);
    CHECK(m.measured == 2);
    CHECK(m.simulated_s == Approx(0.034));
    REQUIRE(m.find("wait_ms"));
    CHECK(m.find("wait_ms")->mean == Approx((0 + 5) / 2.0));
    CHECK(m.find("wait_ms")->max == Approx(5));
    REQUIRE(m.find("ttft_ms"));
    CHECK(m.find("ttft_ms")->mean == Approx((10 + 25) / 2.0));
    CHECK(m.find("ttft_ms")->p50 == Approx(10));
    CHECK(m.find("ttft_ms")->p99 == Approx(25));
    CHECK(m.find("tpot_ms")->mean == Approx((12 + 4) / 2.0));
    CHECK(m.find("e2e_ms")->max == Approx(34));
    CHECK(m.find("itl_ms")->values == 3);                      // 20 and 4 of the first, 4 of the second
    CHECK(m.find("itl_ms")->mean == Approx(28.0 / 3));
    CHECK(m.find("itl_ms")->p50 == Approx(4));
    CHECK(m.find("itl_ms")->p99 == Approx(20));
    CHECK_FALSE(m.find("ttft_ms")->sampling_mean);
    CHECK(m.window_s == Approx(0.034));                        // both came early: to the end
    CHECK(m.requests_per_s == Approx(2 / 0.034));
    CHECK(m.output_tok_s == Approx(5 / 0.034));
    CHECK(m.input_tok_s == Approx(150 / 0.034));
    CHECK(m.running_mean == Approx((10 * 1 + 20 * 2 + 4 * 2) / 34.0).epsilon(0.01));
    CHECK(m.waiting_mean == Approx(5 / 34.0).epsilon(0.02));   // the second, from 5 to 10 ms
    CHECK(m.waiting_peak == 1);
    CHECK(m.kv_mean == Approx((10 * 7 + 24 * 11) / 3400.0).epsilon(0.01));
    CHECK(m.kv_peak == Approx(0.11));
    CHECK(m.busy == Approx(1));
    CHECK(m.prefix_hit.value() == Approx(0.1));
    CHECK(m.replica_hours == Approx(0.034 / 3600));
    CHECK_FALSE(m.goodput_rps);
}

TEST_CASE("goodput counts requests that keep within every limit", "[measure]") {
    const auto share = [](std::vector<Objective> objectives) {
        RecorderSpec spec;
        spec.objectives = std::move(objectives);
        Recorder recorder(spec);
        two_requests(recorder);
        return recorder.finish();
    };
    CHECK(share({{"ttft", 99, 0.020}}).attainment.value() == 0.5);
    CHECK(share({{"ttft", 99, 0.020}}).goodput_rps.value() == Approx(1 / 0.034));
    CHECK(share({{"ttft", 99, 0.025}}).attainment.value() == 1);          // at the limit is within
    CHECK(share({{"ttft", 99, 0.020}, {"tpot", 99, 0.005}}).attainment.value() == 0);
    CHECK(share({{"tpot", 0, 0.005}}).attainment.value() == 0.5);
    CHECK(share({{"e2e", 50, 0.029}}).attainment.value() == 0.5);
}

TEST_CASE("a rejected request is asked and has not met its objectives", "[measure]") {
    RecorderSpec spec;
    spec.objectives = {{"ttft", 99, 1}};
    Recorder recorder(spec);
    two_requests(recorder);
    Arrival third;
    third.at = 34 * kMs;
    recorder.arrived(2, third);
    RequestRecord r;
    r.id = 2, r.arrival = third.at, r.finished = third.at, r.ending = Ending::rejected;
    recorder.ended(r);
    const Measured m = recorder.finish();
    CHECK(m.counts.rejected == 1);
    CHECK(m.measured == 2);
    CHECK(m.attainment.value() == Approx(2.0 / 3));
}

TEST_CASE("requests that arrive in the warm-up are left out, and token gaps that begin in it", "[measure]") {
    RecorderSpec spec;
    spec.warm_up_s = 0.004;
    Recorder recorder(spec);
    two_requests(recorder);
    const Measured m = recorder.finish();
    CHECK_FALSE(m.warm_up_detected);
    CHECK(m.measured == 1);
    CHECK(m.counts.completed == 2);
    CHECK(m.find("ttft_ms")->mean == Approx(25));
    CHECK(m.find("itl_ms")->values == 3);
    CHECK(m.window_s == Approx(0.030));
    CHECK(m.requests_per_s == Approx(2 / 0.030));

    spec.warm_up_s = 0.015;
    Recorder later(spec);
    two_requests(later);
    const Measured none = later.finish();
    CHECK(none.measured == 0);
    CHECK(none.latencies.size() == 1);                          // only gaps: the two from 30 ms on
    CHECK(none.find("itl_ms")->values == 2);
    REQUIRE(none.findings.size() == 1);
    CHECK_THAT(none.findings[0], ContainsSubstring("after the warm-up of 0.015 s (the last arrived after 0.005 s, and the run took 0.034 s): there is nothing to measure"));
}

TEST_CASE("a run without requests says so", "[measure]") {
    CHECK(Recorder({}).finish().findings == std::vector<std::string>{"no request arrived"});
}

TEST_CASE("requests still there in the end are counted and do not disturb the figures", "[measure]") {
    Recorder recorder({});
    two_requests(recorder);
    Arrival third;
    third.at = 20 * kMs;
    recorder.arrived(2, third);
    RequestRecord r;
    r.id = 2, r.arrival = third.at, r.ending = Ending::unfinished;   // its end is never
    recorder.ended(r);
    const Measured m = recorder.finish();
    CHECK(m.counts.unfinished == 1);
    CHECK(m.simulated_s == Approx(0.034));
    CHECK(m.find("ttft_ms")->values == 2);
}

TEST_CASE("every latency is that of the tokens' own times, however prompts are scheduled", "[measure]") {
    for (const auto prompts :
         {SmallEngine::Prompts::alone, SmallEngine::Prompts::beside, SmallEngine::Prompts::either}) {
        for (const std::uint64_t seed : {1U, 2U, 3U}) {
            auto engine = SmallEngine::random(seed, 600, 0.12);
            engine.prompts = prompts;
            RecorderSpec spec;
            spec.warm_up_s = 0;
            Recorder recorder(spec);
            engine.run({&recorder});
            const Measured m = recorder.finish();
            std::vector<Ticks> gaps, ttft, e2e;
            for (const auto& r : engine.requests) {
                for (std::size_t i = 1; i < r.tokens.size(); ++i) gaps.push_back(r.tokens[i] - r.tokens[i - 1]);
                ttft.push_back(r.tokens.front() - r.arrival.at);
                e2e.push_back(r.tokens.back() - r.arrival.at);
            }
            for (auto* all : {&gaps, &ttft, &e2e}) std::ranges::sort(*all);
            const auto at = [](const std::vector<Ticks>& sorted, double p) {
                return ms(sorted[nearest_rank(sorted.size(), p)]);
            };
            REQUIRE(m.find("itl_ms"));
            CHECK(m.find("itl_ms")->values == gaps.size());
            CHECK(m.find("itl_ms")->p50 == Approx(at(gaps, 0.5)).epsilon(1e-12));
            CHECK(m.find("itl_ms")->p90 == Approx(at(gaps, 0.9)).epsilon(1e-12));
            CHECK(m.find("itl_ms")->p99 == Approx(at(gaps, 0.99)).epsilon(1e-12));
            CHECK(m.find("itl_ms")->max == Approx(ms(gaps.back())).epsilon(1e-12));
            CHECK(m.find("ttft_ms")->p90 == Approx(at(ttft, 0.9)).epsilon(2e-7));
            CHECK(m.find("e2e_ms")->p99 == Approx(at(e2e, 0.99)).epsilon(2e-7));
        }
    }
}

TEST_CASE("steps told together or one by one give the same figures", "[measure]") {
    Measured figures[2];
    for (const bool skip : {true, false}) {
        auto engine = SmallEngine::random(9, 400, 0.15);
        engine.prompts = SmallEngine::Prompts::beside;
        engine.skip = skip;
        Recorder recorder({});
        engine.run({&recorder});
        figures[skip ? 0 : 1] = recorder.finish();
    }
    // Requests that arrive while steps run together are admitted at another time, so only what has no such arrival is
    // equal.
    CHECK(figures[0].counts.output_tokens == figures[1].counts.output_tokens);
    CHECK(figures[0].find("itl_ms")->values == figures[1].find("itl_ms")->values);
}

TEST_CASE("requests in the system are their rate times their time in it", "[measure]") {
    auto engine = SmallEngine::random(4, 3000, 0.15);
    RecorderSpec spec;
    spec.warm_up_s = 0;
    Recorder recorder(spec);
    engine.run({&recorder});
    const Measured m = recorder.finish();
    const double last_arrival = to_seconds(engine.requests.back().arrival.at - engine.requests.front().arrival.at);
    const double rate = static_cast<double>(engine.requests.size()) / last_arrival;
    CHECK(m.running_mean + m.waiting_mean == Approx(rate * m.find("e2e_ms")->mean / 1e3).epsilon(0.01));
    CHECK(m.requests_per_s == Approx(rate).epsilon(0.01));
}

TEST_CASE("series share their bins and their sums are the run's", "[measure]") {
    auto engine = SmallEngine::random(4, 2000, 0.15);
    Recorder recorder({});
    engine.run({&recorder});
    const Measured m = recorder.finish();
    double arrived = 0, tokens = 0;
    for (const auto& series : m.series) {
        REQUIRE(series.points.size() > 100);
        CHECK(series.points.size() <= 512);
        double from = 0;
        for (const auto& [to, mean] : series.points) {
            REQUIRE(to > from);
            if (series.id == "arrivals_s") arrived += mean * (to - from);
            if (series.id == "output_tok_s") tokens += mean * (to - from);
            from = to;
        }
    }
    CHECK(m.series.size() == 6);
    CHECK(arrived == Approx(2000).epsilon(1e-9));
    CHECK(tokens == Approx(static_cast<double>(m.counts.output_tokens)).epsilon(1e-6));
}

TEST_CASE("a queue that grows to the end is named, a steady one is not", "[measure]") {
    const auto findings = [](double gap_s) {
        auto engine = SmallEngine::random(5, 3000, gap_s);
        Recorder recorder({});
        engine.run({&recorder});
        std::string all;
        for (const auto& finding : recorder.finish().findings) all += finding + "\n";
        return all;
    };
    CHECK_THAT(findings(0.02), ContainsSubstring("more requests arrived than were served"));
    CHECK_THAT(findings(0.02), ContainsSubstring("had not settled"));
    CHECK(findings(0.3).find("more requests arrived") == std::string::npos);
}

TEST_CASE("a replica that is off is neither idle nor paid", "[measure]") {
    RecorderSpec spec;
    spec.replicas = 2;
    spec.off_at_start = {1};
    Recorder recorder(spec);
    two_requests(recorder);
    recorder.happened(Happening::scaled_up, 1, std::nullopt, 17 * kMs, 17 * kMs);
    const Measured m = recorder.finish();
    CHECK(m.busy == Approx(34 / (34 + 17.0)).epsilon(0.01));
    CHECK(m.replica_hours == Approx(0.051 / 3600));
}

TEST_CASE("a replica that is scaled down serves and is paid until it is empty", "[measure]") {
    Recorder recorder({});
    recorder.happened(Happening::scaled_down, 0, std::nullopt, 0, 0);   // empty: gone at once
    two_requests(recorder);
    CHECK(recorder.finish().replica_hours == Approx(0.034 / 3600));     // it served again from its first step on
    Recorder draining({});
    Arrival a;
    draining.arrived(0, a);
    draining.state({0, 1 * kMs, 1, 0, 1, 0, 10});
    draining.happened(Happening::scaled_down, 0, std::nullopt, 2 * kMs, 2 * kMs);
    draining.decoded({0, 1 * kMs, 4 * kMs, 0, 1, 1, 1});
    draining.state({0, 5 * kMs, 0, 0, 0, 0, 10});
    a.at = 10 * kMs;
    draining.arrived(1, a);
    CHECK(draining.finish().replica_hours == Approx(0.005 / 3600));
}

TEST_CASE("steps that a lost replica tells late do not bring it back", "[measure]") {
    Recorder recorder({});
    Arrival a;
    a.output = 3;
    recorder.arrived(0, a);
    recorder.stepped({0, 0, 10 * kMs, 1, 1, 1, 0});
    recorder.state({0, 10 * kMs, 1, 0, 1, 0, 10});
    recorder.happened(Happening::lost, 0, std::nullopt, 16 * kMs, 16 * kMs);
    recorder.decoded({0, 10 * kMs, 4 * kMs, 0, 1, 1, 1});
    recorder.state({0, 16 * kMs, 0, 0, 0, 0, 10});
    a.at = 40 * kMs;
    recorder.arrived(1, a);
    const Measured m = recorder.finish();
    CHECK(m.busy == Approx(14 / 16.0).epsilon(0.01));   // it served for 16 ms of the 40
    CHECK(m.replica_hours == Approx(0.040 / 3600));     // and is paid all the time
    CHECK(m.find("itl_ms")->values == 1);
}

TEST_CASE("rates end with the last arrival when most of the run lies before it", "[measure]") {
    Recorder recorder({});
    two_requests(recorder);
    Arrival third;
    third.at = 30 * kMs;
    recorder.arrived(2, third);
    RequestRecord r;
    r.id = 2, r.arrival = r.finished = third.at, r.ending = Ending::rejected;
    recorder.ended(r);
    const Measured m = recorder.finish();
    CHECK(m.window_s == Approx(0.030));
    CHECK(m.requests_per_s == Approx(0).margin(1e-9));   // both were completed after it
    CHECK(m.simulated_s == Approx(0.034));
}
