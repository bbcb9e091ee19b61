// What pools did, by hand: one replica that prefills, one that decodes.
#include "sim/measure/pool_watch.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

constexpr Ticks kS = kTicksPerSecond;

RequestRecord record(std::uint64_t id, Ticks arrival, Ticks started, Ticks first, Ticks finished) {
    RequestRecord r;
    r.id = id;
    r.arrival = arrival;
    r.started = started;
    r.first_token = first;
    r.finished = finished;
    r.replica = 1;
    return r;
}

}  // namespace

TEST_CASE("each pool's time in steps, cache, running, waiting and sent caches are means over the time that is measured", "[measure]") {
    PoolWatch watch({0, 1});
    Arrival a;
    watch.arrived(0, a);
    watch.arrived(1, a);
    // Two prompts of 2 s each, one after the other; their caches travel for 1 s, the second waits 1 s for the link.
    watch.stepped({0, 0, 2 * kS, 100, 1, 1, 0, 0});
    watch.state({0, 2 * kS, 1, 1, 10, 0, 20});
    watch.happened(Happening::kv_sent, 0, 0, 2 * kS, 3 * kS);
    watch.stepped({0, 2 * kS, 4 * kS, 100, 1, 1, 0, 0});
    watch.state({0, 4 * kS, 1, 0, 10, 0, 20});
    watch.happened(Happening::kv_sent, 0, 1, 5 * kS, 6 * kS);
    watch.state({0, 6 * kS, 0, 0, 0, 0, 20});
    // The first decodes from 3 to 8, the second is there at 6 and begins at 8, when there is a slot, until 10.
    watch.decoded({1, 3 * kS, kS, 0, 5, 1, 1});
    watch.ended(record(0, 0, 0, 2 * kS, 8 * kS));
    watch.state({1, 8 * kS, 0, 1, 0, 0, 40});
    watch.decoded({1, 8 * kS, kS, 0, 2, 1, 1});
    watch.ended(record(1, 0, 2 * kS, 4 * kS, 10 * kS));
    watch.state({1, 10 * kS, 0, 0, 0, 0, 40});
    Measured all;
    all.window_s = 10;   // its end lies within a bin, which counts by its share
    const auto pools = watch.finish(all);
    REQUIRE(pools.size() == 2);
    CHECK(pools[0].busy == Approx(0.4).margin(0.002));
    CHECK(pools[0].waiting_mean == Approx(0.2).margin(0.002));
    CHECK(pools[0].sending_mean == Approx(0.2).margin(0.002));
    CHECK(pools[0].link_waiting_mean == Approx(0.1).margin(0.002));
    CHECK(pools[0].kv_peak == Approx(0.5).margin(0.002));
    CHECK(pools[1].busy == Approx(0.7).margin(0.002));
    CHECK(pools[1].running_mean == Approx(0.7).margin(0.002));
    CHECK(pools[1].waiting_mean == Approx(0.2).margin(0.002));
    CHECK(pools[1].sending_mean == 0);
}

TEST_CASE("a pool's cache counts what ended steps held, and grows while sequences decode", "[measure]") {
    PoolWatch watch({0, 1});
    Arrival a;
    watch.arrived(0, a);
    watch.stepped({0, 0, kS, 100, 1, 1, 0, 0});
    watch.state({0, kS, 0, 0, 0, 0, 20, 10});        // handed over in the step that computed it
    watch.state({1, kS, 1, 0, 10, 0, 40});
    watch.decoded({1, kS, kS, 0, 10, 1, 1});
    watch.state({1, 11 * kS, 0, 0, 0, 0, 40, 30});   // ended with three times what it began with
    watch.ended(record(0, 0, 0, kS, 11 * kS));
    Measured all;
    all.window_s = 11;
    const auto pools = watch.finish(all);
    CHECK(pools[0].kv_peak == Approx(0.5));
    CHECK(pools[1].kv_peak == Approx(0.75));
    CHECK(pools[1].kv_mean == Approx(20 * 10 / (40.0 * 11)).epsilon(0.02));
}

TEST_CASE("a lost replica of a pool is not there to be in steps", "[measure]") {
    PoolWatch watch({0, 1, 1});
    Arrival a;
    watch.arrived(0, a);
    watch.decoded({1, 0, kS, 0, 10, 1, 1});
    watch.happened(Happening::lost, 2, std::nullopt, 0, 0);
    watch.state({1, 10 * kS, 0, 0, 0, 0, 40});
    Measured all;
    all.window_s = 10;
    CHECK(watch.finish(all)[1].busy == Approx(1));
}
