// Users whose requests are all equally long, step by step, on timelines that can be followed by hand.
#include "core/analyse/users_in_step.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

// A step of 1 s, 3 with prompts; ten decode steps.
UsersInStep usual(double users, double prompt, double budget) {
    UsersInStep u;
    u.users = users;
    u.prompt = prompt;
    u.budget = budget;
    u.decode = 0;
    u.decodes = 10;
    u.decode_s = 1;
    u.with_prompts = {{1, 3, 3}};
    return u;
}

}  // namespace

TEST_CASE("all whose prompts fit one step share it for ever") {
    const PacedTimes t = pace(usual(4, 100, 400));
    CHECK(t.ttft_s == Approx(3));
    CHECK(t.step_s == Approx(1));
}

TEST_CASE("of two groups each sees the other's prompts once an answer") {
    const PacedTimes t = pace(usual(2, 100, 100));
    CHECK(t.ttft_s == Approx(3));
    CHECK(t.step_s == Approx((9 * 1 + 3) / 10.0));
}

TEST_CASE("while the first group is away a second one ends, and then waits for it") {
    UsersInStep u = usual(3, 100, 100);
    u.back_s = 1.5;
    // The first comes back in the second step after its last, next to the second: both others find one before them for ever.
    const PacedTimes t = pace(u);
    CHECK(t.ttft_s > 3);
    CHECK(t.ttft_s < 3 * 3);
    CHECK(t.step_s < (8 * 1 + 2 * 3) / 10.0);
}

TEST_CASE("where prefill is all there is to do, everybody waits for everybody") {
    UsersInStep u = usual(50, 100, 100);
    u.decodes = 9;
    const PacedTimes t = pace(u);
    // 50 steps of 3 s a round; nine of them are a user's decode steps, the others are his wait.
    CHECK(t.ttft_s == Approx((50 - 9) * 3));
    CHECK(t.step_s == Approx(3));
}

TEST_CASE("what a step has no room for goes on in the next, beside the next prompt") {
    UsersInStep u = usual(50, 150, 100);
    u.decodes = 9;
    const PacedTimes cut = pace(u);
    // 75 full steps a round.
    CHECK(cut.ttft_s + 9 * cut.step_s == Approx(75 * 3).epsilon(0.01));
    u.prompt = 60;
    u.whole_prompts = true;   // and one a step where two do not fit
    const PacedTimes whole = pace(u);
    CHECK(whole.ttft_s + 9 * whole.step_s == Approx(50 * 3).epsilon(0.01));
}

TEST_CASE("who decodes takes room from prompts") {
    UsersInStep u = usual(50, 100, 109);
    u.decodes = 9;
    u.decode = 1;
    const PacedTimes t = pace(u);
    CHECK(t.ttft_s + 9 * t.step_s == Approx(50 * 3).epsilon(0.02));   // nine decode beside each prompt
}

TEST_CASE("a step takes what its prompts take, straight between what is known") {
    UsersInStep u = usual(1, 150, 100);
    u.with_prompts = {{20, 1, 1}, {60, 3, 3}, {100, 4, 4}};
    CHECK(pace(u).ttft_s == Approx(4 + 2.5));
}

TEST_CASE("composed ahead, a step takes whoever was there when the one before began") {
    UsersInStep u = usual(2, 100, 100);
    u.back_s = 0.5;
    const PacedTimes now = pace(u);
    u.async_scheduling = true;
    const PacedTimes ahead = pace(u);
    CHECK(ahead.ttft_s > now.ttft_s + 0.5);
}

TEST_CASE("answers of one token are prefill alone") {
    UsersInStep u = usual(3, 100, 100);
    u.decodes = 0;
    const PacedTimes t = pace(u);
    CHECK(t.ttft_s == Approx(9));
    CHECK(t.step_s == Approx(1));
}

TEST_CASE("ranks carry a prompt each, and all wait for the longest part") {
    UsersInStep u = usual(4, 100, 100);
    u.ranks = 4;
    u.with_prompts = {{100, 2, 1}, {400, 3, 3}};
    CHECK(pace(u).ttft_s == Approx(3));
    u.users = 1;
    CHECK(pace(u).ttft_s == Approx(2));   // three ranks wait for one
    // Longer than a rank takes: what is left of all four shares a step, evenly.
    u.users = 4;
    u.prompt = 125;
    CHECK(pace(u).ttft_s == Approx(3 + 1));
}
