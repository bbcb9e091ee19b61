// What happens to replicas, by hand: pools and their links, scaling, losses, new step times. A prompt takes 1 ms a token, a
// decode step 10 ms.

#include "tests/support/catch.h"
#include "tests/support/simulated.h"

using namespace moeplan;

namespace {

constexpr Ticks kMs = kTicksPerSecond / 1000;

Arrival at(double ms, std::int64_t input, std::int64_t output) {
    Arrival a;
    a.at = to_ticks(ms / 1000);
    a.input = input;
    a.output = output;
    return a;
}

std::shared_ptr<StepTimes> simple_times(double decode_ms = 10) {
    return times_of([=](const StepShape& s) {
        return Estimate::exact(s.prefill.tokens() * 1e-3 + (s.decode.tokens() > 0 ? decode_ms * 1e-3 : 0));
    });
}

ClusterOptions cluster(std::int64_t replicas) {
    ClusterOptions o;
    o.groups = {one_group(simple_times(), replicas)};
    return o;
}

Simulated run(const ClusterOptions& o, std::vector<Arrival> arrivals) {
    ListSource source(std::move(arrivals));
    return simulated(o, source);
}

}  // namespace

TEST_CASE("between pools the cache travels after the prompt, one after the other over a replica's link") {
    ClusterOptions o = cluster(2);
    o.groups[0].pools = PoolOptions{1, 3 * kMs, kMs / 10};   // 3 ms, and 0.1 ms a token
    o.groups[0].limits.token_budget = o.groups[0].limits.rank_budget = 300;
    // Both prompts in a step of 300 ms. The cache of 0 takes 10 ms and is there 3 ms later: 313. That of 1 follows: 310 to
    // 330, there at 333. 0 decodes from 313, a step to 323, one to 333, where 1 joins: to 343, 353.
    const Simulated s = run(o, {at(0, 100, 5), at(0, 200, 3)});
    const auto r = s.records.by_id();
    CHECK(r[0].first_token == 300 * kMs);
    CHECK(r[1].first_token == 300 * kMs);
    CHECK(r[0].finished == 353 * kMs);
    CHECK(r[1].finished == 353 * kMs);
    CHECK(r[0].replica == 1);
    CHECK(s.records.happenings.at(Happening::kv_sent) == 2);
    CHECK(s.records.decode_steps == 4);
}

TEST_CASE("an answer of one token never leaves the replica that prefilled it") {
    ClusterOptions o = cluster(2);
    o.groups[0].pools = PoolOptions{1, 3 * kMs, kMs};
    const Simulated s = run(o, {at(0, 100, 1)});
    CHECK(s.records.all[0].finished == 100 * kMs);
    CHECK(s.records.all[0].replica == 0);
    CHECK(s.records.happenings.count(Happening::kv_sent) == 0);
}

TEST_CASE("a cache under way holds its blocks where it comes from") {
    ClusterOptions o = cluster(2);
    o.groups[0].pools = PoolOptions{1, 0, kMs};
    o.groups[0].limits.total_blocks = 10;   // 160 tokens
    // 0's 100 tokens travel until 200: only then the prompt of 1 has room, and its token at 300.
    const auto r = run(o, {at(0, 100, 2), at(0, 100, 2)}).records.by_id();
    CHECK(r[0].first_token == 100 * kMs);
    CHECK(r[0].finished == 210 * kMs);
    CHECK(r[1].first_token == 300 * kMs);
    CHECK(r[1].finished == 410 * kMs);
}

TEST_CASE("replicas that decode have step times and room of their own, those that prefill need room for prompts alone") {
    ClusterOptions o = cluster(2);
    GroupOptions& g = o.groups[0];
    g.pools = PoolOptions{1, 0, 0};
    g.limits.total_blocks = 7;   // 112 tokens: the prompt, not the answer
    PoolOptions::Decode decode{cluster(1).groups[0].limits, {{0, times_of([](const StepShape&) { return Estimate::exact(0.002); }), 0}}};
    g.pools->decode = decode;
    const auto r = run(o, {at(0, 100, 51)}).records.by_id();
    CHECK(r[0].ending == Ending::completed);
    CHECK(r[0].first_token == 100 * kMs);
    CHECK(r[0].finished == 200 * kMs);   // 50 steps of 2 ms
    // 151 tokens and one more in hand do not fit into 9 blocks of the replica that decodes: told at once.
    g.pools->decode->limits.total_blocks = 9;
    const Simulated never = run(o, {at(0, 100, 51)});
    CHECK(never.result.never_fit == 1);
    CHECK(never.records.all[0].finished == 0);
    // Nor does a prompt of 113 into the other's.
    g.pools->decode->limits.total_blocks = 100;
    CHECK(run(o, {at(0, 113, 5)}).result.never_fit == 1);
    CHECK(run(o, {at(0, 112, 5)}).result.never_fit == 0);
}

TEST_CASE("what replicas that decode are paid is told apart") {
    ClusterOptions o = cluster(3);
    o.groups[0].pools = PoolOptions{1, 0, 0};
    const Simulated s = run(o, {at(0, 100, 3)});
    CHECK(s.result.groups[0].paid_s == Approx(to_seconds(3 * 120 * kMs)).epsilon(1e-12));
    CHECK(s.result.groups[0].decode_paid_s == Approx(to_seconds(2 * 120 * kMs)).epsilon(1e-12));
}

TEST_CASE("new step times come to each pool at its own time") {
    ClusterOptions o = cluster(2);
    GroupOptions& g = o.groups[0];
    g.pools = PoolOptions{1, 0, 0};
    const auto each = [](double s) { return times_of([s](const StepShape&) { return Estimate::exact(s); }); };
    g.epochs = {{0, each(0.010), 0}, {50 * kMs, each(0.020), 0}};
    g.pools->decode = PoolOptions::Decode{g.limits, {{0, each(0.001), 0}, {5 * kMs, each(0.003), 0}, {60 * kMs, each(0.005), 0}}};
    // A prompt of one step: 10 ms, then 2 decode steps of 3 ms. After 60 ms: 20 ms and 5 ms a step.
    const auto r = run(o, {at(0, 100, 3), at(70, 100, 3)}).records.by_id();
    CHECK(r[0].first_token == 10 * kMs);
    CHECK(r[0].finished == 16 * kMs);
    CHECK(r[1].first_token == 90 * kMs);
    CHECK(r[1].finished == 100 * kMs);
}

TEST_CASE("a cache waits at its sender while nobody decodes") {
    ClusterOptions o = cluster(2);
    o.groups[0].pools = PoolOptions{1, 0, kMs};
    o.faults = {{1, 50 * kMs, 500 * kMs}};
    const Simulated s = run(o, {at(0, 100, 3)});
    CHECK(s.records.all[0].first_token == 100 * kMs);
    CHECK(s.records.all[0].finished == 520 * kMs);
    CHECK(s.records.all[0].restarts == 0);
    o.faults = {{1, 50 * kMs, kNever}};
    const Simulated never = run(o, {at(0, 100, 3)});
    CHECK(never.result.unfinished == 1);
    CHECK(never.records.all[0].ending == Ending::unfinished);
}

TEST_CASE("replicas are started when there is much to do, after their cold start, and paid from the decision") {
    ClusterOptions o = cluster(2);
    o.groups[0].limits.max_sequences = 1;
    AutoscaleOptions a;
    a.least = 1;
    a.most = 2;
    a.up_above = 2;
    a.down_below = 1;
    a.every = 50 * kMs;
    a.cold_start = 60 * kMs;
    o.groups[0].autoscale = a;
    // One at a time, 100 ms each: a prompt of 10 ms and nine decode steps. Three at once on replica 0: the look at 50 starts
    // replica 1, which serves from 110. What already waits stays where it is. The request at 120 goes to it.
    const Simulated s = run(o, {at(0, 10, 10), at(0, 10, 10), at(0, 10, 10), at(120, 10, 10)});
    const auto r = s.records.by_id();
    CHECK(r[0].finished == 100 * kMs);
    CHECK(r[1].finished == 200 * kMs);
    CHECK(r[2].finished == 300 * kMs);
    CHECK(r[3].replica == 1);
    CHECK(r[3].finished == 220 * kMs);
    // Loads at 150: (2 + 1) / 2 = 1.5, at 200: (1 + 1) / 2 (step ends come first), at 250: 1 / 2: replica 1 goes, empty.
    CHECK(s.records.happenings.at(Happening::scaled_up) == 1);
    CHECK(s.records.happenings.at(Happening::scaled_down) == 1);
    CHECK(s.result.groups[0].paid_s == Approx(to_seconds(300 * kMs + (250 - 50) * kMs)).epsilon(1e-12));
    CHECK(s.result.groups[0].busy_s == Approx(to_seconds(400 * kMs)).epsilon(1e-12));
}

TEST_CASE("a replica that is to go finishes what it has and takes nothing new") {
    ClusterOptions o = cluster(2);
    AutoscaleOptions a;
    a.least = 1;
    a.most = 2;
    a.up_above = 1.5;
    a.down_below = 1;
    a.every = 100 * kMs;
    o.groups[0].autoscale = a;
    // Two at once on replica 0; the look at 100 starts replica 1 at once. 2 goes there at 110. 0 and 1 are done at 220:
    // at 300 the load is 1 / 2 and replica 1 drains, to 110 + 10 + 490 = 610. 3 comes meanwhile and goes to replica 0.
    const Simulated s = run(o, {at(0, 10, 21), at(0, 10, 21), at(110, 10, 50), at(310, 10, 60)});
    const auto r = s.records.by_id();
    CHECK(r[0].finished == 220 * kMs);
    CHECK(r[2].replica == 1);
    CHECK(r[2].finished == 610 * kMs);
    CHECK(r[3].replica == 0);
    CHECK(r[3].finished == 910 * kMs);
    CHECK(s.result.groups[0].paid_s == Approx(to_seconds(910 * kMs + (610 - 100) * kMs)).epsilon(1e-12));
}

TEST_CASE("a lost replica's requests begin anew elsewhere, and it is paid for while it is gone") {
    ClusterOptions o = cluster(2);
    o.router = Router::round_robin;
    o.faults = {{0, 45 * kMs, 1000 * kMs}};
    // 0 had its prompt at 10 and decode steps to 40. At 45 it begins anew on replica 1, where 1 decodes to 50: then its
    // prompt rides beside, 10 + 10 ms to 70; 1's tokens: 10, 20, … 50, 70, 80, 90, 100.
    const Simulated s = run(o, {at(0, 10, 5), at(0, 10, 9)});
    const auto r = s.records.by_id();
    CHECK(r[0].restarts == 1);
    CHECK(r[0].replica == 1);
    CHECK(r[0].first_token == 70 * kMs);
    CHECK(r[0].finished == 110 * kMs);
    CHECK(r[1].restarts == 0);
    CHECK(r[1].finished == 100 * kMs);
    CHECK(s.result.groups[0].paid_s == Approx(to_seconds(2 * 110 * kMs)).epsilon(1e-12));
    CHECK(s.records.happenings.at(Happening::lost) == 1);
    CHECK(s.records.happenings.count(Happening::returned) == 0);   // nobody was left to see it
    CHECK(s.records.decode_steps == 3 + 4 + 4);                    // of 0 alone, of 1 alone, from 70 to 110
}

TEST_CASE("with every replica lost requests wait for the first that returns, or are never finished") {
    ClusterOptions o = cluster(2);
    o.faults = {{0, 25 * kMs, kNever}, {1, 30 * kMs, 200 * kMs}};
    const std::vector<Arrival> arrivals{at(0, 10, 5), at(0, 10, 5), at(100, 10, 2)};
    const Simulated s = run(o, arrivals);
    const auto r = s.records.by_id();
    for (const RequestRecord& one : r) {
        CHECK(one.ending == Ending::completed);
        CHECK(one.replica == 1);
        CHECK(one.first_token == 230 * kMs);
    }
    CHECK(r[0].restarts == 2);   // moved at 25, lost again at 30
    CHECK(r[1].restarts == 1);
    CHECK(r[2].restarts == 0);
    o.faults[1].back = kNever;
    const Simulated never = run(o, arrivals);
    CHECK(never.result.unfinished == 3);
    CHECK(never.records.all.size() == 3);
    o.timeout = 150 * kMs;   // then they are given up instead, also those that had a token of a lost replica
    const Simulated limited = run(o, arrivals);
    CHECK(limited.result.unfinished == 0);
    for (const RequestRecord& one : limited.records.all) CHECK(one.ending == Ending::timed_out);
    CHECK(limited.result.last_end == 250 * kMs);
}

TEST_CASE("a cold start that is lost under way does not come about") {
    ClusterOptions o = cluster(2);
    o.groups[0].limits.max_sequences = 1;
    AutoscaleOptions a;
    a.least = 1;
    a.most = 2;
    a.up_above = 1;
    a.every = 50 * kMs;
    a.cold_start = 100 * kMs;
    o.groups[0].autoscale = a;
    o.faults = {{1, 100 * kMs, kNever}};
    const Simulated s = run(o, {at(0, 10, 10), at(0, 10, 10), at(160, 10, 10)});
    for (const RequestRecord& r : s.records.all) CHECK(r.replica == 0);
    CHECK(s.records.happenings.count(Happening::scaled_up) == 0);
}

TEST_CASE("new step times come after the step that runs and the pause") {
    ClusterOptions o = cluster(1);
    o.groups[0].epochs.push_back({25 * kMs, simple_times(20), 100 * kMs});
    // Tokens at 10, 20, 30; the weights move to 130; then 20 ms a token.
    const Simulated s = run(o, {at(0, 10, 6)});
    CHECK(s.records.all[0].finished == 190 * kMs);
    CHECK(s.records.happenings.at(Happening::rebalanced) == 1);
    CHECK(s.result.groups[0].busy_s == Approx(to_seconds(90 * kMs)).epsilon(1e-12));
}

TEST_CASE("a replica that is away while weights move does not stand still for it when it is back") {
    ClusterOptions o = cluster(1);
    o.groups[0].epochs.push_back({50 * kMs, simple_times(20), 100 * kMs});
    o.faults = {{0, 40 * kMs, 60 * kMs}};
    const Simulated s = run(o, {at(0, 10, 10)});
    CHECK(s.records.all[0].first_token == 70 * kMs);
    CHECK(s.records.all[0].finished == 250 * kMs);
}
