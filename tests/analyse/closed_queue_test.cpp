// A queue that those who were served come back to.
#include "core/analyse/closed_queue.h"
#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("nobody waits for himself") {
    CHECK(wait_in_closed_queue(1, 2, 10) == 0);
    CHECK(wait_in_closed_queue(50, 0, 10) == 0);
}

TEST_CASE("the second of two finds the first half served, as often as he is") {
    // The first is in service 2 of 12.
    CHECK(wait_in_closed_queue(2, 2, 10) == Approx(2.0 / 12 * 1));
}

TEST_CASE("many who are seldom there wait as at an M/D/1 server") {
    const double use = 0.5, users = 20000;
    CHECK(wait_in_closed_queue(users, 1, users / use) == Approx(use / (2 * (1 - use))).epsilon(0.01));
}

TEST_CASE("more than the server can serve stand in the queue for as long as it takes") {
    CHECK(wait_in_closed_queue(100, 1, 20) == Approx(100 - 1 - 20).epsilon(0.01));
    CHECK(wait_in_closed_queue(10, 1, 0) == Approx(9).epsilon(0.1));
}

TEST_CASE("each more waits longer and none is served slower for it") {
    double wait = 0, rate = 0;
    for (double n = 1; n < 80; n += 0.25) {
        const double now = wait_in_closed_queue(n, 1, 30);
        CHECK(now >= wait);
        CHECK(n / (now + 1 + 30) >= rate - 1e-12);
        CHECK(n / (now + 1 + 30) <= 1 + 1e-12);
        wait = now;
        rate = n / (now + 1 + 30);
    }
}
