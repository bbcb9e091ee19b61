#include <cstdint>
#include <vector>

#include "sim/replica/block_pool.h"
#include "tests/support/catch.h"

using namespace moeplan;
using Ids = std::vector<std::uint64_t>;

TEST_CASE("blocks are taken, given back, and never more than there are") {
    BlockPool pool(10, 0, true);
    CHECK(pool.take(7));
    CHECK_FALSE(pool.take(4));
    CHECK(pool.used() == 7);
    CHECK(pool.available() == 3);
    CHECK(pool.take(3));
    pool.give_back(10);
    CHECK(pool.used() == 0);
    CHECK_FALSE(pool.reuse());   // no ids, no reuse
}

TEST_CASE("a prefix that is given up stays until its room is needed, the end of it first") {
    BlockPool pool(10, 2, true);
    REQUIRE(pool.take(6));
    const Ids ids{1, 2, 3};
    for (const auto id : ids) CHECK(pool.share(id));   // these 6 blocks are shared now
    CHECK(pool.match(Ids{1, 2, 3, 4}) == 3);
    CHECK(pool.match(Ids{2, 3}) == 2);   // ids say where they stand: whoever has 2 has all before it
    CHECK(pool.match(Ids{9, 1}) == 0);
    pool.release(ids);
    CHECK(pool.used() == 0);
    CHECK(pool.cached() == 6);
    REQUIRE(pool.take(5));   // 4 were free: one unit goes
    CHECK(pool.cached() == 4);
    CHECK(pool.match(ids) == 2);
    REQUIRE(pool.take(5));
    CHECK(pool.cached() == 0);
    CHECK(pool.match(ids) == 0);
    CHECK(pool.used() == 10);
}

TEST_CASE("what was used least recently goes first") {
    BlockPool pool(6, 2, true);
    for (const std::uint64_t id : Ids{1, 2, 3}) {
        REQUIRE(pool.take(2));
        REQUIRE(pool.share(id));
        pool.release(Ids{id});
    }
    pool.reference(Ids{1});   // used again: 2 is the oldest now
    pool.release(Ids{1});
    REQUIRE(pool.take(2));
    CHECK(pool.match(Ids{1}) == 1);
    CHECK(pool.match(Ids{2}) == 0);
    CHECK(pool.match(Ids{3}) == 1);
    REQUIRE(pool.take(2));
    CHECK(pool.match(Ids{3}) == 0);
    CHECK(pool.match(Ids{1}) == 1);
}

TEST_CASE("a prefix in use is counted once and cannot be evicted") {
    BlockPool pool(6, 2, true);
    REQUIRE(pool.take(4));
    REQUIRE(pool.share(1));
    REQUIRE(pool.share(2));
    CHECK(pool.idle_blocks(Ids{1, 2}, 2) == 0);
    pool.reference(Ids{1});   // a second request uses the first unit
    CHECK(pool.used() == 4);
    pool.release(Ids{1, 2});
    CHECK(pool.used() == 2);
    CHECK(pool.cached() == 2);
    CHECK(pool.idle_blocks(Ids{1, 2}, 2) == 2);
    CHECK_FALSE(pool.take(5));   // 6 - 2 in use
    REQUIRE(pool.take(4));
    CHECK(pool.match(Ids{1}) == 1);
    CHECK(pool.match(Ids{2}) == 0);
    pool.release(Ids{1});
    CHECK(pool.used() == 4);
}

TEST_CASE("an id that is here already is not shared again") {
    BlockPool pool(6, 2, true);
    REQUIRE(pool.take(4));
    CHECK(pool.share(1));
    CHECK_FALSE(pool.share(1));   // another's own blocks of the same text stay its own
    CHECK(pool.used() == 4);
    pool.release(Ids{1});
    pool.give_back(2);
    CHECK(pool.used() == 0);
    CHECK(pool.cached() == 2);
}

TEST_CASE("without reuse nothing is kept") {
    BlockPool pool(6, 2, false);
    REQUIRE(pool.take(2));
    CHECK_FALSE(pool.share(1));
    CHECK(pool.match(Ids{1}) == 0);
    pool.give_back(2);
    CHECK(pool.cached() == 0);
}
