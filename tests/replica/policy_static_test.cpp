// Batches one after the other, worked by hand.

#include "tests/support/catch.h"
#include "tests/support/composed.h"

using namespace moeplan;
using Steps = std::vector<std::string>;

TEST_CASE("static: a batch is computed, then decoded to the end of its longest, then comes the next") {
    Composed e(Scheduler::static_batch, small_limits(8, 100));
    e.add(6, 3);
    e.add(4, 2);
    CHECK(e.step() == "0:6 1:2");
    e.add(1, 2);
    CHECK(e.steps(5) == Steps{"1:2", "+0 +1 end 1", "+0 end 0", "2:1", "+2 end 2"});
}

TEST_CASE("static: a batch holds whom it has room for to the end") {
    Composed e(Scheduler::static_batch, small_limits(100, 5));
    e.add(4, 4);   // 3 blocks at its longest
    e.add(4, 4);   // 3: with the next batch
    e.add(1, 1);   // 1: nobody overtakes
    CHECK(e.steps(4) == Steps{"0:4", "+0", "+0", "+0 end 0"});
    CHECK(e.step() == "1:4 2:1 end 2");
}

TEST_CASE("static: without chunks a batch is computed in one pass") {
    EngineLimits l = small_limits(8, 100);
    l.chunked_prefill = false;
    Composed e(Scheduler::static_batch, l);
    e.add(6, 1);
    e.add(9, 1);
    CHECK(e.step() == "0:6 1:9 end 0 end 1");
}
