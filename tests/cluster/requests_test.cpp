// What becomes of requests: queues, time limits, groups, sessions. A prompt takes nothing and a decode step 10 ms, unless
// said otherwise.

#include <atomic>
#include <map>
#include <optional>
#include <utility>

#include "tests/support/catch.h"
#include "tests/support/simulated.h"

using namespace moeplan;

namespace {

constexpr Ticks kMs = kTicksPerSecond / 1000;

Arrival at(double ms, std::int64_t input, std::int64_t output, std::int32_t priority = 0, std::uint32_t session = 0) {
    Arrival a;
    a.at = to_ticks(ms / 1000);
    a.input = input;
    a.output = output;
    a.priority = priority;
    a.session = session;
    return a;
}

ClusterOptions one_at_a_time() {
    ClusterOptions o;
    o.groups = {one_group(constant_decode(0.01))};
    o.groups[0].limits.max_sequences = 1;
    return o;
}

std::vector<RequestRecord> run(const ClusterOptions& o, std::vector<Arrival> arrivals, ClusterResult* result = nullptr) {
    ListSource source(std::move(arrivals));
    const Simulated s = simulated(o, source);
    if (result) *result = s.result;
    return s.records.by_id();
}

}  // namespace

TEST_CASE("a request's times are those of its steps") {
    ClusterOptions o;
    o.groups = {one_group(times_of([](const StepShape& s) {
        return Estimate::exact(s.prefill.tokens() * 1e-3 + s.decode.tokens() * 2e-3);   // 1 ms a prompt token, 2 ms a sequence
    }))};
    o.groups[0].request_overhead = 5 * kMs;
    // 0 begins at 15 ms and has its prompt at 25. 1 has come at 22 + 5: after the first decode step of 0, which ends at 27,
    // both are in a step of 4 + 2 ms, to 33. From then on they decode together, 4 ms a step.
    ClusterResult result;
    const auto r = run(o, {at(10, 10, 4), at(22, 4, 2)}, &result);
    CHECK(r[0].first_token == 25 * kMs);
    CHECK(r[1].first_token == 33 * kMs);
    CHECK(r[1].finished == 37 * kMs);
    CHECK(r[0].finished == 37 * kMs);
    CHECK(r[0].ttft_s() == Approx(0.015));
    CHECK(r[0].tpot_s() == Approx(0.004));
    CHECK(result.groups[0].steps == 4);
    CHECK(result.groups[0].busy_s == Approx(to_seconds(22 * kMs)).epsilon(1e-12));
    CHECK(result.first_arrival == 10 * kMs);
    CHECK(result.last_end == 37 * kMs);
    CHECK(result.groups[0].paid_s == Approx(to_seconds(37 * kMs)).epsilon(1e-12));
}

TEST_CASE("a request without a first token in time is given up, waiting or in its prompt") {
    ClusterOptions o = one_at_a_time();
    o.timeout = 25 * kMs;
    // 0 runs to 40 ms. 1 waits from 10 on and is given up at 35; 2 comes at 20 and has its token at 40, in time.
    const auto r = run(o, {at(0, 1, 5), at(10, 1, 2), at(20, 1, 2)});
    CHECK(r[0].finished == 40 * kMs);
    CHECK(r[1].ending == Ending::timed_out);
    CHECK(r[1].finished == 35 * kMs);
    CHECK(r[1].first_token == kNever);
    CHECK(r[2].ending == Ending::completed);
    CHECK(r[2].first_token == 40 * kMs);

    ClusterOptions slow;
    slow.groups = {one_group(times_of([](const StepShape& s) { return Estimate::exact(s.prefill.tokens() * 1e-3 + s.decode.tokens() * 1e-3); }))};
    slow.groups[0].limits.token_budget = slow.groups[0].limits.rank_budget = 10;
    slow.timeout = 25 * kMs;
    // Chunks of 10 ms: given up at 25, in the third, and gone at its end. With its token at 30 the next one would be late too.
    const auto s = run(slow, {at(0, 40, 2), at(1, 30, 2), at(30, 5, 1)});
    CHECK(s[0].ending == Ending::timed_out);
    CHECK(s[0].finished == 30 * kMs);
    CHECK(s[1].ending == Ending::timed_out);
    CHECK(s[1].finished == 26 * kMs);   // it only waited
    CHECK(s[2].finished == 35 * kMs);
}

TEST_CASE("a first token in the very step in which the time runs out counts") {
    ClusterOptions o;
    o.groups = {one_group(times_of([](const StepShape& s) { return Estimate::exact(s.prefill.tokens() * 1e-3 + s.decode.tokens() * 1e-3); }))};
    o.timeout = 8 * kMs;
    const auto r = run(o, {at(0, 10, 2)});
    CHECK(r[0].ending == Ending::completed);
    CHECK(r[0].first_token == 10 * kMs);
}

TEST_CASE("a time limit within the overhead before the scheduler is kept") {
    ClusterOptions o = one_at_a_time();
    o.groups[0].request_overhead = 30 * kMs;
    o.timeout = 20 * kMs;
    const auto r = run(o, {at(0, 1, 2)});
    CHECK(r[0].ending == Ending::timed_out);
    CHECK(r[0].first_token == kNever);
}

TEST_CASE("a full queue turns requests away") {
    ClusterOptions o = one_at_a_time();
    o.queue_limit = 1;
    ClusterResult result;
    const auto r = run(o, {at(0, 1, 5), at(1, 1, 2), at(2, 1, 2), at(45, 1, 2), at(46, 1, 2), at(51, 1, 2)}, &result);
    CHECK(r[0].ending == Ending::completed);
    CHECK(r[1].ending == Ending::completed);   // waits to 40
    CHECK(r[2].ending == Ending::rejected);
    CHECK(r[2].finished == 2 * kMs);
    CHECK(r[3].ending == Ending::completed);
    CHECK(r[4].ending == Ending::rejected);    // 3 is waiting, to 50
    CHECK(r[5].ending == Ending::completed);   // 3 runs, nobody waits
    CHECK(result.never_fit == 0);
}

TEST_CASE("a request larger than the cache is turned away and told") {
    ClusterOptions o;
    o.groups = {one_group(constant_decode(0.01))};
    o.groups[0].limits.total_blocks = 10;   // 160 tokens
    ClusterResult result;
    const auto r = run(o, {at(0, 100, 100), at(0, 100, 59), at(0, 500, 1)}, &result);
    CHECK(r[0].ending == Ending::rejected);
    CHECK(r[1].ending == Ending::completed);
    CHECK(r[2].ending == Ending::rejected);
    CHECK(result.never_fit == 2);
    CHECK(result.largest_never_fit == 501);
}

TEST_CASE("the more urgent go first, of equals who came first") {
    const auto r = run(one_at_a_time(), {at(0, 1, 2), at(1, 1, 2, 1), at(2, 1, 2, 0), at(3, 1, 2, -1), at(4, 1, 2, 1)});
    CHECK(r[0].finished == 10 * kMs);
    CHECK(r[3].finished == 20 * kMs);
    CHECK(r[2].finished == 30 * kMs);
    CHECK(r[1].finished == 40 * kMs);
    CHECK(r[4].finished == 50 * kMs);
}

TEST_CASE("a fleet sends each request to the first group that takes it") {
    ClusterOptions o;
    for (int g = 0; g < 4; ++g) o.groups.push_back(one_group(constant_decode(0.01)));
    o.groups[0].takes.input_from = 100;
    o.groups[0].takes.output_below = 10;
    o.groups[1].takes.priority = 3;
    o.groups[2].takes.input_below = 50;
    o.groups[2].takes.output_from = 20;
    o.router = Router::round_robin;
    ClusterResult result;
    const auto r = run(o, {at(0, 100, 9), at(0, 99, 9), at(0, 100, 10), at(0, 200, 1, 3), at(0, 60, 1, 3), at(0, 49, 20), at(0, 49, 19)}, &result);
    const std::vector<std::int32_t> expected{0, 3, 3, 0, 1, 2, 3};
    for (std::size_t i = 0; i < r.size(); ++i) CHECK(r[i].replica == expected[i]);
    CHECK(result.groups[0].requests == 2);
    CHECK(result.groups[1].requests == 1);
    CHECK(result.groups[2].requests == 1);
    CHECK(result.groups[3].requests == 3);
}

TEST_CASE("a share of the requests is drawn, by the seed") {
    ClusterOptions o;
    o.groups = {one_group(constant_decode(0.001)), one_group(constant_decode(0.001))};
    o.groups[0].takes.share = 0.3;
    std::vector<Arrival> arrivals;
    for (int i = 0; i < 5000; ++i) arrivals.push_back(at(i, 1, 1));
    ClusterResult a, b, c;
    run(o, arrivals, &a);
    run(o, arrivals, &b);
    o.seed = 2;
    const auto other = run(o, arrivals, &c);
    CHECK(a.groups[0].requests == Approx(1500).epsilon(0.06));
    CHECK(a.groups[0].requests == b.groups[0].requests);
    CHECK(a.groups[0].requests != c.groups[0].requests);
}

TEST_CASE("the requests of a session are all served by one replica") {
    ClusterOptions o;
    o.groups = {one_group(plausible_times(), 5)};
    o.router = Router::session;
    std::vector<Arrival> arrivals;
    for (std::uint32_t i = 0; i < 400; ++i) arrivals.push_back(at(5.0 * i, 50, 20, 0, i % 20));
    std::map<std::uint32_t, std::int32_t> home;
    std::map<std::int32_t, int> used;
    for (const RequestRecord& r : run(o, arrivals)) {
        CHECK(home.try_emplace(r.session, r.replica).first->second == r.replica);
        ++used[r.replica];
    }
    CHECK(used.size() > 2);
}

TEST_CASE("swapping costs the time of its blocks over the link, out and in") {
    ClusterOptions o;
    o.groups = {one_group(constant_decode(0.01))};
    EngineLimits& l = o.groups[0].limits;
    l.block_tokens = 4;
    l.total_blocks = 5;
    l.preemption = Preemption::swap;
    l.swap_per_block = kMs;
    // Two prompts of 8 tokens, at once. The first decode step has room for one: 1 goes out, two blocks, 2 ms, then 10 ms.
    // 0 has its 6 tokens after 5 steps, at 52. Then 1 comes back, 2 ms, and decodes 5 steps to 104.
    const auto r = run(o, {at(0, 8, 6), at(0, 8, 6)});
    CHECK(r[0].finished == 52 * kMs);
    CHECK(r[1].first_token == 0);
    CHECK(r[1].finished == 104 * kMs);
    CHECK(r[1].preemptions == 1);
    // Recomputing 9 tokens takes nothing here, but that token comes with them: four steps are left.
    l.preemption = Preemption::recompute;
    const auto again = run(o, {at(0, 8, 6), at(0, 8, 6)});
    CHECK(again[0].finished == 50 * kMs);
    CHECK(again[1].finished == 90 * kMs);
}

TEST_CASE("preemptions and swaps are told when they happen") {
    ClusterOptions o;
    o.groups = {one_group(constant_decode(0.01))};
    o.groups[0].limits.block_tokens = 4;
    o.groups[0].limits.total_blocks = 5;
    for (const Preemption p : {Preemption::recompute, Preemption::swap}) {
        o.groups[0].limits.preemption = p;
        ListSource source({at(0, 8, 6), at(0, 8, 6)});
        Simulated s = simulated(o, source);
        CHECK(s.records.happenings[Happening::preempted] == (p == Preemption::recompute ? 1 : 0));
        CHECK(s.records.happenings[Happening::swapped_out] == (p == Preemption::swap ? 1 : 0));
        CHECK(s.records.happenings[Happening::swapped_in] == (p == Preemption::swap ? 1 : 0));
    }
}

TEST_CASE("simulated time has an end, and a run can be cancelled") {
    ClusterOptions o = one_at_a_time();
    ListSource late({at(1, 1, 1), at(9.1e9, 1, 1)});
    RunControl control;
    const auto too_long = simulate(o, late, {}, control);
    REQUIRE_FALSE(too_long);
    CHECK(to_text(too_long.error().front()).find("104 days") != std::string::npos);
    std::atomic<bool> cancel{true};
    control.cancel = &cancel;
    std::vector<Arrival> many;
    for (int i = 0; i < 10'000; ++i) many.push_back(at(i, 1, 3));
    ListSource source(many);
    const auto cancelled = simulate(o, source, {}, control);
    REQUIRE_FALSE(cancelled);
    CHECK(to_text(cancelled.error().front()).find("cancelled") != std::string::npos);
}

namespace {

// One user who asks again at once, for ever.
class Impatient final : public RequestSource {
public:
    std::optional<Arrival> next() override {
        if (std::exchange(begun_, true)) return std::nullopt;
        return at(0, 10, 1);
    }
    std::optional<Arrival> after(const Arrival&, Ticks now) override { return at(to_seconds(now) * 1000, 10, 1); }

private:
    bool begun_ = false;
};

}  // namespace

TEST_CASE("users who ask again at the moment they are turned away are told, not followed for ever") {
    ClusterOptions o = one_at_a_time();
    o.groups[0].limits.total_blocks = 0;   // nothing ever fits
    Impatient source;
    RunControl control;
    const auto result = simulate(o, source, {}, control);
    REQUIRE_FALSE(result);
    CHECK(to_text(result.error().front()).find("ask again at once") != std::string::npos);
}

TEST_CASE("times beyond the clock never come") {
    ClusterOptions o = one_at_a_time();
    o.timeout = kNever;
    o.groups[0].request_overhead = 5 * kMs;
    const auto r = run(o, {at(10, 1, 2)});
    CHECK(r[0].finished == 25 * kMs);
    // Steps without end end the run, with the reason.
    o.groups[0].epochs[0].times = times_of([](const StepShape&) { return Estimate::exact(1e300); });
    ListSource source({at(0, 1, 1000)});
    RunControl control;
    const auto result = simulate(o, source, {}, control);
    REQUIRE_FALSE(result);
    CHECK(to_text(result.error().front()).find("104 days") != std::string::npos);
}
