// TensorRT-LLM's steps, worked by hand.

#include "tests/support/catch.h"
#include "tests/support/composed.h"

using namespace moeplan;
using Steps = std::vector<std::string>;

TEST_CASE("tensorrt_llm: blocks to the longest are set aside, and the first that does not fit ends admission") {
    Composed e(Scheduler::tensorrt_llm, small_limits(10, 9));
    e.add(3, 3);   // 2 blocks at its longest
    e.add(9, 4);   // 4
    e.add(8, 4);   // 4: one too many
    e.add(1, 1);   // 1, would fit
    // 7 tokens are left for 1: cut to whole blocks, 4.
    CHECK(e.step() == "0:3 1:4");
    CHECK(e.step() == "1:5 +0");
    CHECK(e.step() == "+0 +1 end 0");
    CHECK(e.step() == "2:8 3:1 +1 end 3");
    CHECK(e.steps(4) == Steps{"+1 +2 end 1", "+2", "+2 end 2", ""});
    CHECK(e.engine.preemptions() == 0);
    CHECK(e.engine.blocks().used() == 0);
}

TEST_CASE("tensorrt_llm: the last chunk of a prompt is not rounded") {
    Composed e(Scheduler::tensorrt_llm, small_limits(6, 100));
    e.add(11, 1);
    CHECK(e.steps(4) == Steps{"0:4", "0:4", "0:3 end 0", ""});
}

TEST_CASE("tensorrt_llm: a budget below a block still computes prompts") {
    Composed e(Scheduler::tensorrt_llm, small_limits(3, 100));
    e.add(7, 1);
    CHECK(e.steps(3) == Steps{"0:3", "0:3", "0:1 end 0"});
}

TEST_CASE("tensorrt_llm: without chunks the first prompt that does not fit ends the step") {
    EngineLimits l = small_limits(8, 100);
    l.chunked_prefill = false;
    Composed e(Scheduler::tensorrt_llm, l);
    e.add(5, 2);
    e.add(6, 1);
    e.add(1, 1);
    CHECK(e.steps(2) == Steps{"0:5", "1:6 2:1 +0 end 1 end 2 end 0"});
}

TEST_CASE("tensorrt_llm: drafts are set aside too") {
    EngineLimits l = small_limits(16, 5);
    l.accepted_per_step = 3;
    Composed e(Scheduler::tensorrt_llm, l);
    e.add(4, 2);   // 4 + 2 + 3 tokens: 3 blocks
    e.add(4, 2);
    CHECK(e.steps(4) == Steps{"0:4", "+0 end 0", "1:4", "+1 end 1"});
}

TEST_CASE("tensorrt_llm: prompts wait beside decodes, so many steps at most, and then the count begins anew") {
    EngineLimits l = small_limits(100, 100);
    l.batch_wait = {3, 1};
    Composed e(Scheduler::tensorrt_llm, l);
    e.add(4, 20);
    CHECK(e.step() == "0:4");   // nobody decodes: nobody waits
    e.add(5, 20);
    CHECK(e.steps(2) == Steps{"+0", "+0"});
    e.add(6, 20);
    CHECK(e.steps(3) == Steps{"+0", "1:5 2:6 +0", "+0 +1 +2"});
    e.add(7, 20);
    CHECK(e.steps(4) == Steps{"+0 +1 +2", "+0 +1 +2", "+0 +1 +2", "3:7 +0 +1 +2"});
}

TEST_CASE("tensorrt_llm: prompts that fill enough of the budget beside the decodes go at once") {
    EngineLimits l = small_limits(20, 100);
    l.batch_wait = {50, 0.5};
    Composed e(Scheduler::tensorrt_llm, l);
    e.add(4, 30);
    CHECK(e.step() == "0:4");
    e.add(8, 30);   // with the decode 9 of 20
    CHECK(e.steps(2) == Steps{"+0", "+0"});
    e.add(1, 30);
    CHECK(e.step() == "1:8 2:1 +0");
}

TEST_CASE("tensorrt_llm: who finds no room does not make others wait, and the last decode ends a wait") {
    EngineLimits l = small_limits(100, 4);
    l.batch_wait = {10, 1};
    Composed e(Scheduler::tensorrt_llm, l);
    e.add(4, 4);    // 2 blocks
    e.add(8, 4);    // 3: one too many beside it
    CHECK(e.steps(5) == Steps{"0:4", "+0", "+0", "+0 end 0", "1:8"});
    e.add(3, 1);
    CHECK(e.steps(4) == Steps{"+1", "+1", "+1 end 1", "2:3 end 2"});
}

TEST_CASE("tensorrt_llm: whole prompts share a step with decodes, and what no step could hold is cut") {
    EngineLimits l = small_limits(10, 100);
    l.whole_prompts = true;
    Composed e(Scheduler::tensorrt_llm, l);
    e.add(6, 4);
    e.add(5, 3);    // 4 tokens are left: it waits
    e.add(4, 3);    // behind it
    CHECK(e.steps(3) == Steps{"0:6", "1:5 2:4 +0", "+0 +1 +2"});
    Composed longer(Scheduler::tensorrt_llm, l);
    longer.add(3, 4);
    longer.add(10, 1);   // the first step could hold it alone; beside a decode none has room
    CHECK(longer.steps(3) == Steps{"0:3", "1:8 +0", "1:2 +0 end 1"});
}
