// vLLM's steps, worked by hand.

#include "tests/support/catch.h"
#include "tests/support/composed.h"

using namespace moeplan;
using Steps = std::vector<std::string>;

TEST_CASE("vllm: a prompt is cut where the budget ends, and the next one fills what is left beside decodes") {
    Composed e(Scheduler::vllm, small_limits(8, 100));
    e.add(10, 3);
    e.add(5, 2);
    CHECK(e.steps(5) == Steps{"0:8", "0:2 1:5", "+0 +1 end 1", "+0 end 0", ""});
}

TEST_CASE("vllm: through a pipeline a prompt has a chunk in every microbatch of a step") {
    EngineLimits l = small_limits(8, 100);
    l.rank_budget = 4;   // two microbatches of 4
    Composed one_by_one(Scheduler::vllm, l);
    one_by_one.add(10, 2);
    CHECK(one_by_one.steps(4) == Steps{"0:4", "0:4", "0:2", "+0 end 0"});
    l.pipelined_chunks = 2;
    Composed e(Scheduler::vllm, l);
    e.add(10, 2);
    e.add(10, 2);
    CHECK(e.steps(4) == Steps{"0:8", "0:2 1:6", "1:4 +0 end 0", "+1 end 1"});
}

TEST_CASE("vllm: the last admitted loses its cache, goes to the front, and nobody is admitted in that step") {
    Composed e(Scheduler::vllm, small_limits(16, 5));
    e.add(8, 6);   // two blocks each; the ninth token of both needs two more and there is one
    e.add(8, 6);
    CHECK(e.step() == "0:8 1:8");
    e.add(1, 1);   // would fit at once
    CHECK(e.step() == "-1 +0");
    // 1 computes its prompt and its one token anew: 9 tokens, 3 blocks, and 2 are free. 2 waits behind it.
    CHECK(e.steps(4) == Steps{"+0", "+0", "+0", "+0 end 0"});
    CHECK(e.steps(5) == Steps{"1:9 2:1 end 2", "+1", "+1", "+1", "+1 end 1"});
    CHECK(e.engine.blocks().used() == 0);
    CHECK(e.engine.preemptions() == 1);
}

TEST_CASE("vllm: a prompt is admitted only when all of it fits, not its first chunk alone") {
    Composed e(Scheduler::vllm, small_limits(4, 6));
    e.add(8, 9);
    e.add(16, 2);   // 4 blocks; while 0 holds 3 or 4 there are fewer, though a chunk of it would fit
    e.add(1, 1);    // and nobody overtakes
    CHECK(e.steps(2) == Steps{"0:4", "0:4"});
    CHECK(e.steps(8) == Steps{"+0", "+0", "+0", "+0", "+0", "+0", "+0", "+0 end 0"});
    CHECK(e.steps(5) == Steps{"1:4", "1:4", "1:4", "1:4", "2:1 +1 end 2 end 1"});
}

TEST_CASE("vllm: without chunks a prompt goes whole, and alone when it exceeds the budget") {
    EngineLimits l = small_limits(8, 100);
    l.chunked_prefill = false;
    Composed e(Scheduler::vllm, l);
    e.add(5, 3);
    e.add(6, 1);
    e.add(20, 1);
    CHECK(e.steps(4) == Steps{"0:5", "1:6 +0 end 1", "+0 end 0", "2:20 end 2"});
}

TEST_CASE("vllm: the more urgent is admitted first and the least urgent loses its cache") {
    Composed e(Scheduler::vllm, small_limits(16, 5));
    e.add(8, 4, 1);
    CHECK(e.step() == "0:8");
    e.add(5, 4, 2);
    e.add(5, 4, 0);
    // 0 takes its third block. 2 overtakes 1 and takes the last two; 1 would not fit.
    CHECK(e.step() == "2:5 +0");
    CHECK(e.steps(2) == Steps{"+0 +2", "+0 +2 end 0"});
    // 2 has 8 tokens and one to come: its third block, and two are left.
    CHECK(e.step() == "1:5 +2 end 2");
    CHECK(e.steps(3) == Steps{"+1", "+1", "+1 end 1"});

    Composed f(Scheduler::vllm, small_limits(16, 5));
    f.add(8, 4, 1);
    f.add(8, 4, 0);
    CHECK(f.step() == "1:8 0:8");
    CHECK(f.step() == "-0 +1");   // not the last of its kind, but the least urgent
}

TEST_CASE("vllm: as many run at once as there are seats") {
    EngineLimits l = small_limits(100, 100);
    l.max_sequences = 2;
    Composed e(Scheduler::vllm, l);
    for (int i = 0; i < 3; ++i) e.add(4, 2);
    CHECK(e.steps(4) == Steps{"0:4 1:4", "+0 +1 end 0 end 1", "2:4", "+2 end 2"});
}

TEST_CASE("vllm: a cache that was swapped out comes back without being computed") {
    EngineLimits l = small_limits(16, 5);
    l.preemption = Preemption::swap;
    l.swap_per_block = 10;
    Composed e(Scheduler::vllm, l);
    e.add(8, 6);
    e.add(8, 6);
    CHECK(e.steps(2) == Steps{"0:8 1:8", "-1 +0"});
    CHECK(e.engine.take_swap_time() == 20);   // two blocks out
    // Its two blocks and the third it needs at once: not beside 0, which soon holds its fourth.
    CHECK(e.steps(4) == Steps{"+0", "+0", "+0", "+0 end 0"});
    CHECK(e.step() == "*1 +1");
    CHECK(e.engine.take_swap_time() == 20);
    CHECK(e.engine.take_swap_time() == 0);
    CHECK(e.steps(4) == Steps{"+1", "+1", "+1", "+1 end 1"});
}

TEST_CASE("vllm: a prompt that is its own victim does not leave an empty step behind") {
    // Under priorities: 0 stands first in the list, finds no block, and is itself the least urgent.
    EngineLimits l = small_limits(8, 5);
    l.rank_budget = 4;
    Composed e(Scheduler::vllm, l);
    e.add(16, 1, 1);
    CHECK(e.step() == "0:4");
    e.add(12, 1, 0);
    CHECK(e.steps(2) == Steps{"0:4 1:4", "0:4 1:4"});
    CHECK(e.step() == "1:4 end 1");
    CHECK(e.steps(4) == Steps{"0:4", "0:4", "0:4", "0:4 end 0"});
}

TEST_CASE("vllm: a victim that has its chunk already gives it back") {
    EngineLimits l = small_limits(8, 6);
    l.rank_budget = 4;
    Composed e(Scheduler::vllm, l);
    e.add(20, 1, 1);
    CHECK(e.step() == "0:4");
    e.add(12, 1, 0);
    CHECK(e.steps(2) == Steps{"0:4 1:4", "0:4 1:4"});
    CHECK(e.step() == "1:4 end 1");   // 0 took the last block, 1 needs it
    CHECK(e.steps(5) == Steps{"0:4", "0:4", "0:4", "0:4", "0:4 end 0"});
    CHECK(e.engine.blocks().used() == 0);
}
