// SGLang's steps, worked by hand.

#include "tests/support/catch.h"
#include "tests/support/composed.h"

using namespace moeplan;
using Steps = std::vector<std::string>;

TEST_CASE("sglang: prompts go alone while decodes stand still, cut to whole pages") {
    Composed e(Scheduler::sglang, small_limits(8, 100));
    e.add(6, 3);
    e.add(6, 2);   // 2 tokens are left of the first step: no page
    e.add(7, 2);   // nor in the second; the third computes it
    CHECK(e.steps(3) == Steps{"0:6", "1:6", "2:7"});
    CHECK(e.steps(2) == Steps{"+0 +1 +2 end 1 end 2", "+0 end 0"});
}

TEST_CASE("sglang: a prompt that was cut goes on first") {
    Composed e(Scheduler::sglang, small_limits(8, 100));
    e.add(2, 9);
    e.add(10, 1);
    e.add(3, 1);
    // 6 tokens left for 1: a page of 4, and 6 more in the next step, which has 2 left: no page for 2.
    CHECK(e.steps(3) == Steps{"0:2 1:4", "1:6 end 1", "2:3 end 2"});
}

TEST_CASE("sglang: once closed the door opens only when somebody leaves") {
    Composed e(Scheduler::sglang, small_limits(100, 8));
    e.add(5, 8);
    CHECK(e.step() == "0:5");
    e.add(8, 8);
    // 6 of 8 blocks are free, 24 tokens; 0.7 of 0's 7 tokens to come are kept: 19.1. 1 needs 8 + 8 + a page: 20.
    // Two steps on it would fit (24 - 0.698 x 5 = 20.5), but nobody asks.
    CHECK(e.steps(7) == Steps{"+0", "+0", "+0", "+0", "+0", "+0", "+0 end 0"});
    CHECK(e.step() == "1:8");

    Composed f(Scheduler::sglang, small_limits(100, 8));
    f.add(5, 8);
    CHECK(f.steps(3) == Steps{"0:5", "+0", "+0"});
    f.add(8, 8);   // comes when it fits: never refused
    CHECK(f.step() == "1:8");
}

TEST_CASE("sglang: of the output to come at most 4096 tokens are counted") {
    Composed e(Scheduler::sglang, small_limits(100, 1024));
    e.add(4, 9000);
    CHECK(e.step() == "0:4");
    e.add(4, 1200);   // 4092 - 0.7 x 4096 = 1224.8 tokens of room, and 1208 are needed
    CHECK(e.step() == "1:4");

    Composed f(Scheduler::sglang, small_limits(100, 1024));
    f.add(4, 9000);
    CHECK(f.step() == "0:4");
    f.add(4, 1220);   // 1228
    CHECK(f.step() == "+0");
}

TEST_CASE("sglang: the share kept for output falls from 0.7 to 0.098 over 600 decode steps and starts again when idle") {
    for (const int steps : {500, 600}) {
        Composed e(Scheduler::sglang, small_limits(100, 1024));
        Sequence& first = e.add(4, 9000);
        CHECK(e.step() == "0:4");
        e.steps(steps);
        e.add(4, 3000);   // needs 3008
        // After 500: 898 blocks, 3592 tokens - 0.1983 x 4096 = 2780. After 600: 873 blocks, 3492 - 0.098 x 4096 = 3090.6.
        CHECK(e.step() == (steps == 500 ? "+0" : "1:4"));
        if (steps == 500) continue;
        e.engine.withdraw(first);
        e.steps(2999);
        CHECK(e.engine.running() == 0);
        e.add(4, 9000);   // it finds the server idle
        // Nobody asked for a step in between: the share is still low until one does.
        e.engine.withdraw(*e.engine.next_waiting());
        CHECK(e.step() == "");
        e.add(4, 9000);
        CHECK(e.step() == "3:4");
        e.add(4, 1300);   // 1308 of 1224.8 again
        CHECK(e.step() == "+3");
    }
}

TEST_CASE("sglang: when a decode finds no room the shortest output goes back to the end of the queue") {
    Composed e(Scheduler::sglang, small_limits(100, 20));
    e.add(4, 40);
    CHECK(e.step() == "0:4");
    e.add(3, 40);   // 76 - 0.7 x 39 = 48.7 tokens of room, and 48 are needed
    CHECK(e.step() == "1:3");
    for (int i = 0; i < 30; ++i) CHECK(e.step() == "+0 +1");
    e.add(4, 1);
    for (int i = 0; i < 6; ++i) CHECK(e.step() == "+0 +1");
    // The 41st token of 0 needs the 21st block. Both have 37 tokens: the longer prompt goes.
    CHECK(e.step() == "-0 +1");
    // 2 was there before it. 0 needs 41 tokens again, 11 blocks, and 10 are free.
    CHECK(e.steps(3) == Steps{"2:4 end 2", "+1", "+1 end 1"});
    CHECK(e.steps(3) == Steps{"0:41", "+0", "+0 end 0"});
    CHECK(e.engine.blocks().used() == 0);
}

TEST_CASE("sglang: after a retraction the share is what those that stay have used, and a little") {
    // 0 stays with 37 of 100 tokens: (37 + 20) / 101 = 0.5644 of its 62 to come are kept, one step later.
    for (const std::int64_t output : {9, 10}) {
        Composed e(Scheduler::sglang, small_limits(100, 20));
        e.add(4, 100);
        CHECK(e.step() == "0:4");
        Sequence& shorter = e.add(5, 1);
        shorter.arrival.output = 100;
        // Let in by hand: the policy would not.
        REQUIRE(e.engine.admit(5));
        e.engine.add_computed(shorter, 5);
        e.engine.prompt_done(shorter);
        for (int i = 0; i < 35; ++i) CHECK(e.step() == "+0 +1");
        CHECK(e.step() == "-1 +0");   // 5 + 36 tokens need an 11th block beside 0's 10
        e.engine.withdraw(shorter);
        e.add(3, output);
        // 10 blocks, 40 tokens, are free; min(1, (36 + 20) / 101) x 63 = 34.9 are kept: 5.1 of room. Nobody with a page fits.
        CHECK(e.step() == "+0");
    }
}

TEST_CASE("sglang: prompts on several ranks that block each other do not stop the engine") {
    EngineLimits l = small_limits(8, 5);
    l.rank_budget = 4;
    Composed e(Scheduler::sglang, l);
    e.add(12, 1);
    e.add(12, 1);   // admitted by what it takes now; both need three blocks
    CHECK(e.step() == "0:4");
    std::vector<std::string> all = e.steps(6);
    CHECK(e.engine.running() == 0);
    CHECK(e.engine.waiting() == 0);
}
