// Times of steps in pieces, and of many at once.

#include "core/routing/rng.h"
#include "sim/replica/step_times.h"
#include "tests/support/catch.h"
#include "tests/support/simulated.h"

using namespace moeplan;

TEST_CASE("a line in the context is hit to the tick, in between the points too") {
    StepTimes times([](const StepShape& s) { return Estimate::exact(1e-3 + 1e-9 * s.decode.sequences * s.decode.context); });
    for (const std::int64_t n : {1, 3, 8}) {
        for (const std::int64_t context : {0, 5, 64, 1000, 77'777, 2'000'000}) {   // the last is beyond what was asked
            CAPTURE(n, context);
            const Stretch s = times.stretch(n, context, n, 1);
            CHECK(s.steps == 1);
            CHECK(s.first == 1'000'000'000 + 1000 * context);   // 1 ms and 1 ns a token
            CHECK(s.growth == 1000 * n);
        }
    }
}

TEST_CASE("steps taken together take what they take one by one, over the ends of pieces too") {
    StepTimes times([](const StepShape& s) {
        const double c = s.decode.sequences * s.decode.context;
        return Estimate::exact(2e-3 + 3e-9 * c + 1e-15 * c * c);   // bends: every piece has its own slope
    });
    Rng rng(3);
    for (int i = 0; i < 50; ++i) {
        const auto n = static_cast<std::int64_t>(1 + rng.below(20));
        const auto gain = static_cast<std::int64_t>(1 + rng.below(3));
        const std::int64_t start = n * static_cast<std::int64_t>(1 + rng.below(3000)), steps = 500;
        Ticks single = 0, together = 0;
        for (std::int64_t k = 0; k < steps; ++k) single += times.stretch(n, start + k * n * gain, n * gain, 1).ticks(1);
        std::int64_t stretches = 0;
        for (std::int64_t k = 0; k < steps;) {
            const Stretch s = times.stretch(n, start + k * n * gain, n * gain, steps - k);
            together += s.ticks(s.steps);
            k += s.steps;
            ++stretches;
        }
        CHECK(together == single);
        CHECK(stretches < 20);
    }
}

TEST_CASE("a stretch says after how many steps a time has passed") {
    const Stretch s{10, 100, 5};   // 100, 205, 315, 430, … 1225
    CHECK(s.ticks(0) == 0);
    CHECK(s.ticks(3) == 315);
    CHECK(s.ticks(10) == 1225);
    CHECK(s.steps_to_cover(0) == 1);
    CHECK(s.steps_to_cover(100) == 1);
    CHECK(s.steps_to_cover(101) == 2);
    CHECK(s.steps_to_cover(315) == 3);
    CHECK(s.steps_to_cover(316) == 4);
    CHECK(s.steps_to_cover(99'999) == 10);
}

TEST_CASE("time that falls with the context by noise of a fit never turns negative beyond it") {
    StepTimes times([](const StepShape& s) { return Estimate::exact(std::max(1e-3, 2e-3 - 1e-9 * s.decode.context)); }, {1, 1, 10'000});
    const Stretch s = times.stretch(1, 5'000'000, 1, 1000);
    CHECK(s.first >= 1'000'000'000);
    CHECK(s.growth >= 0);
}

TEST_CASE("low, central and high steps come from the edges of the estimate") {
    auto times = plausible_times();
    const Ticks central = times->stretch(4, 4000, 4, 1).first;
    times->use(StepCase::optimistic);
    const Ticks low = times->stretch(4, 4000, 4, 1).first;
    times->use(StepCase::pessimistic);
    const Ticks high = times->stretch(4, 4000, 4, 1).first;
    CHECK(static_cast<double>(low) == Approx(0.8 * static_cast<double>(central)).epsilon(1e-4));
    CHECK(static_cast<double>(high) == Approx(1.3 * static_cast<double>(central)).epsilon(1e-4));
}

TEST_CASE("a step with prompts asks for their mean, and for a stage's share of the sequences") {
    StepShape asked;
    StepTimes times(
        [&](const StepShape& s) {
            asked = s;
            return Estimate::exact(0.5);
        },
        {2, 4, 1000});
    CHECK(times.prompt_step({3, 600, 90, 8, 4000}, true) == kTicksPerSecond / 2);
    CHECK(times.prompt_step({3, 600, 90, 8, 4000}) == kTicksPerSecond * 3 / 4);   // three microbatches fill four stages one by one
    CHECK(times.prompt_step({1, 600, 90, 8, 4000}) == kTicksPerSecond / 2);
    CHECK(times.prompt_step({8, 600, 90, 8, 4000, 2}) == kTicksPerSecond / 2 + kTicksPerSecond * 3 / 16);
    CHECK(times.prompt_step({3, 600, 90, 8, 4000}, true) == kTicksPerSecond / 2);
    CHECK(asked.prefill.sequences == Approx(1));      // 3 prompts over 3 of 4 stages
    CHECK(asked.prefill.tokens() == Approx(200));
    CHECK(asked.prefill.context == Approx(30));
    CHECK(asked.decode.sequences == Approx(2));       // 8 over 4
    CHECK(asked.decode.context == Approx(500));
    CHECK(asked.decode.tokens() == Approx(4));        // two each: a draft and its check
}
