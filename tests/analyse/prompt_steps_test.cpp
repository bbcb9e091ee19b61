// Prompts that come at random: the chain against queues whose waits are known, and against counting by hand.

#include <cmath>

#include "core/analyse/prompt_steps.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

StepSeconds always(double seconds) {
    return [seconds](double) { return seconds; };
}

double sum_of_shares(const PromptSteps& s) {
    double sum = 0;
    for (const PromptSteps::Begin& b : s.begin) sum += b.share;
    return sum;
}

PromptLoad plenty_of_room(double rate) {
    PromptLoad load;
    load.rate = rate;
    load.most = 1000;
    return load;
}

}  // namespace

TEST_CASE("steps of one length carry a Poisson number of prompts, and a prompt waits half a step for its own", "[prompt_steps]") {
    for (const double rate : {1e-6, 0.1, 3.0, 40.0}) {
        CAPTURE(rate);
        const PromptLoad load = plenty_of_room(rate);
        const PromptSteps s = prompt_steps(load, always(0.5));
        const PromptTimes t = prompt_times(s, load, always(0.5));
        CHECK(sum_of_shares(s) == Approx(1).epsilon(1e-9));
        CHECK(s.share == Approx(-std::expm1(-rate * 0.5)).epsilon(1e-6));
        CHECK(s.share * s.chunks == Approx(rate * 0.5).epsilon(1e-6));
        CHECK(t.decode_step_s == Approx(0.5).epsilon(1e-6));
        CHECK(t.first_token_s == Approx(0.75).epsilon(1e-6));
    }
}

TEST_CASE("with nothing else to do and one prompt a step first tokens wait as in M/D/1", "[prompt_steps]") {
    const double step = 0.2;
    for (const double chunks : {1.0, 4.0}) {
        for (const double used : {0.01, 0.3, 0.6, 0.9}) {
            CAPTURE(chunks, used);
            const double service = chunks * step;
            PromptLoad load;
            load.rate = used / service;
            load.chunks = chunks;
            load.nothing_decodes = true;
            const PromptTimes t = prompt_times(prompt_steps(load, always(step)), load, always(step));
            CHECK(t.first_token_s == Approx(service * (1 + used / (2 * (1 - used)))).epsilon(0.001));
        }
    }
}

TEST_CASE("steps with prompts bunch where they are longer than others", "[prompt_steps]") {
    const double rate = 0.05, plain = 1, carrying = 20;
    const StepSeconds seconds = [=](double chunks) { return chunks > 0 ? carrying : plain; };
    const PromptLoad load = plenty_of_room(rate);
    const PromptSteps s = prompt_steps(load, seconds);
    // Whether the next step carries any depends on this one's length alone.
    const double after_plain = -std::expm1(-rate * plain), after_carrying = -std::expm1(-rate * carrying);
    const double share = after_plain / (1 - after_carrying + after_plain);
    CHECK(s.share == Approx(share).epsilon(1e-6));
    // If each step had its share of the prompts of a mean step, a quarter more of them would carry some.
    const double mean = share * carrying + (1 - share) * plain;
    CHECK(-std::expm1(-rate * mean) > 1.25 * share);
}

TEST_CASE("the steps after a first token carry prompts more often than others", "[prompt_steps]") {
    const double rate = 0.05, plain = 1, carrying = 20;
    const StepSeconds seconds = [=](double chunks) { return chunks > 0 ? carrying : plain; };
    PromptLoad load = plenty_of_room(rate);
    const double after_plain = -std::expm1(-rate * plain), after_carrying = -std::expm1(-rate * carrying);
    double carries = after_carrying, time = 0;   // the first of them follows a step with a prompt: the request's own
    for (int steps = 1; steps <= 5; ++steps) {
        time += carries * carrying + (1 - carries) * plain;
        carries = carries * after_carrying + (1 - carries) * after_plain;
        load.decode_steps = steps;
        CAPTURE(steps);
        CHECK(prompt_times(prompt_steps(load, seconds), load, seconds).decode_step_s == Approx(time / steps).epsilon(1e-6));
    }
    load.decode_steps = 1e6;   // a long answer forgets how it began
    const PromptSteps s = prompt_steps(load, seconds);
    CHECK(prompt_times(s, load, seconds).decode_step_s == Approx(s.share * carrying + (1 - s.share) * plain).epsilon(1e-3));
}

TEST_CASE("where prompts go alone a decode step waits for all that come before it", "[prompt_steps]") {
    const double rate = 0.05, plain = 1, carrying = 8;
    const StepSeconds seconds = [=](double chunks) { return chunks > 0 ? carrying : plain; };
    PromptLoad load = plenty_of_room(rate);
    load.decodes_beside = false;
    load.decode_steps = 1e6;
    // A decode step, then prompts' steps as long as some come: a geometric number of them once one has.
    const double some = -std::expm1(-rate * plain), more = -std::expm1(-rate * carrying);
    const double expected = plain + some * carrying / (1 - more);
    CHECK(prompt_times(prompt_steps(load, seconds), load, seconds).decode_step_s == Approx(expected).epsilon(1e-3));
    // Right after its prompt a request waits for those that came during it.
    load.decode_steps = 1;
    const PromptTimes at_once = prompt_times(prompt_steps(load, seconds), load, seconds);
    CHECK(at_once.decode_step_s == Approx(plain + more * carrying / (1 - more)).epsilon(1e-6));
}

TEST_CASE("prompts of ranks of their own do not wait for each other", "[prompt_steps]") {
    PromptLoad load = plenty_of_room(2.0);
    load.chunks = 3;
    load.in_turn = false;
    const PromptTimes t = prompt_times(prompt_steps(load, always(0.1)), load, always(0.1));
    CHECK(t.first_token_s == Approx(0.05 + 3 * 0.1).epsilon(1e-4));
}

TEST_CASE("times of an edge keep the prompts a step and change the rate that brings them", "[prompt_steps]") {
    const PromptLoad load = plenty_of_room(3.0);
    const StepSeconds central = [](double chunks) { return 0.1 + 0.05 * chunks; };
    const StepSeconds twice = [&](double chunks) { return 2 * central(chunks); };
    const PromptSteps s = prompt_steps(load, central);
    const PromptTimes one = prompt_times(s, load, central), two = prompt_times(s, load, twice);
    CHECK(two.decode_step_s == Approx(2 * one.decode_step_s));
    CHECK(two.first_token_s == Approx(2 * one.first_token_s));
}

TEST_CASE("a load beyond every step fills the chain and ends", "[prompt_steps]") {
    for (const bool in_turn : {true, false}) {
        PromptLoad load;
        load.rate = 100;
        load.chunks = 2;
        load.most = 1.5;
        load.in_turn = in_turn;
        const PromptSteps s = prompt_steps(load, always(1));
        CHECK(s.share == Approx(1).epsilon(1e-6));
        CHECK(std::isfinite(prompt_times(s, load, always(1)).first_token_s));
    }
}

TEST_CASE("a prompt of a thousand chunks takes a thousand steps", "[prompt_steps]") {
    PromptLoad load;
    load.rate = 1e-6;
    load.chunks = 1000;
    load.nothing_decodes = true;
    CHECK(prompt_times(prompt_steps(load, always(0.1)), load, always(0.1)).first_token_s == Approx(100).epsilon(0.001));
}
