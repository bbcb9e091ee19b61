// Steps composed while the one before runs: who comes during a step joins the one after the next. Every step takes 10 ms.

#include "tests/support/catch.h"
#include "tests/support/simulated.h"

using namespace moeplan;

namespace {

constexpr Ticks kMs = kTicksPerSecond / 1000;

Arrival at(double ms, std::int64_t output, std::int32_t priority = 0) {
    Arrival a;
    a.at = to_ticks(ms / 1000);
    a.input = 10;
    a.output = output;
    a.priority = priority;
    return a;
}

std::vector<RequestRecord> run(bool ahead, std::vector<Arrival> arrivals) {
    ClusterOptions o;
    o.groups = {one_group(times_of([](const StepShape&) { return Estimate::exact(0.01); }))};
    o.groups[0].limits.async_scheduling = ahead;
    ListSource source(std::move(arrivals));
    return simulated(o, source).records.by_id();
}

}  // namespace

TEST_CASE("who comes during a step joins the next one, or the one after it where that is composed already") {
    const std::vector<Arrival> arrivals{at(0, 100), at(25, 5)};   // the second within the step from 20 to 30 ms
    CHECK(run(false, arrivals)[1].first_token == 40 * kMs);
    CHECK(run(true, arrivals)[1].first_token == 50 * kMs);
}

TEST_CASE("composed ahead or not, an idle server starts at once, and one that falls idle takes who came meanwhile") {
    for (const bool ahead : {false, true}) {
        CAPTURE(ahead);
        // The first is done at 20 ms. The second comes within its last step, the third long after.
        const auto r = run(ahead, {at(0, 2), at(15, 2), at(5000, 2)});
        CHECK(r[0].first_token == 10 * kMs);
        CHECK(r[1].first_token == 30 * kMs);
        CHECK(r[2].first_token == 5010 * kMs);
    }
}

TEST_CASE("urgent requests that come with every step do not hold up others while they cannot be taken themselves") {
    std::vector<Arrival> arrivals{at(0, 200), at(25, 5)};
    for (int i = 0; i < 100; ++i) arrivals.push_back(at(26 + 10 * i, 1, -1));
    CHECK(run(true, arrivals)[1].first_token == 50 * kMs);
}
