// What an engine holds while requests pass through it.

#include "tests/support/catch.h"
#include "tests/support/composed.h"

using namespace moeplan;
using Ids = std::vector<std::uint64_t>;

namespace {

EngineLimits with_prefixes(std::int64_t ids_of, std::int64_t blocks) {
    EngineLimits l = small_limits(100, blocks);   // blocks of 4
    l.prefix_block_tokens = ids_of;
    return l;
}

}  // namespace

TEST_CASE("a second prompt with the same beginning computes only the rest and holds the beginning once") {
    Composed e(Scheduler::vllm, with_prefixes(8, 100));   // an id: two blocks
    const Sequence& first = e.add(20, 3, 0, {1, 2});
    const Sequence& second = e.add(19, 3, 0, {1, 2});
    // What the first computes is found by the second in the same step: 16 tokens; 3 are left.
    CHECK(e.step() == "0:20 1:3");
    CHECK(first.record.cached_tokens == 0);
    CHECK(second.record.cached_tokens == 16);
    CHECK(e.engine.blocks().used() == 4 + 1 + 1);
    CHECK(e.step() == "+0 +1");
    CHECK(e.engine.blocks().used() == 4 + 2 + 1);   // 21 and 20 tokens
    CHECK(e.step() == "+0 +1 end 0 end 1");
    CHECK(e.engine.blocks().used() == 0);
    CHECK(e.engine.blocks().cached() == 4);   // the beginning is kept, the rest has no id
}

TEST_CASE("a prompt that is known whole computes its last block again, whatever its ids stand for") {
    Composed e(Scheduler::vllm, with_prefixes(8, 100));
    e.add(16, 1, 0, {1, 2});
    CHECK(e.step() == "0:16 end 0");
    const Sequence& again = e.add(16, 1, 0, {1, 2});
    CHECK(e.engine.cached_tokens(again) == 12);
    CHECK(e.step() == "1:4 end 1");
    CHECK(e.engine.blocks().cached() == 4);
    const Sequence& longer = e.add(17, 1, 0, {1, 2});
    CHECK(e.engine.cached_tokens(longer) == 16);
}

TEST_CASE("ids smaller than a block are taken together, ids that do not divide it by their common multiple") {
    Composed small(Scheduler::vllm, with_prefixes(2, 100));   // two ids a block
    const Sequence& a = small.add(9, 1, 0, {1, 2, 3, 4});
    CHECK(a.units == Ids{2, 4});   // the last of each stands for all before it
    CHECK(small.engine.blocks().unit_blocks() == 1);
    small.step();
    CHECK(small.engine.cached_tokens(small.add(9, 1, 0, {1, 2, 3, 5})) == 4);
    Composed odd(Scheduler::vllm, with_prefixes(6, 100));   // 12 tokens: two ids, three blocks
    const Sequence& b = odd.add(30, 1, 0, {1, 2, 3, 4, 5});
    CHECK(b.units == Ids{2, 4});
    CHECK(odd.engine.blocks().unit_blocks() == 3);
}

TEST_CASE("an id that comes twice in a prompt is shared once") {
    Composed e(Scheduler::vllm, with_prefixes(4, 100));
    e.add(13, 2, 0, {7, 7, 8});
    CHECK(e.step() == "0:13");
    CHECK(e.engine.blocks().used() == 4);
    // The same again: it finds 7, 7 and 8 and counts no block twice that it does not need.
    e.add(13, 2, 0, {7, 7, 8});
    e.steps(3);
    CHECK(e.engine.running() == 0);
    CHECK(e.engine.blocks().used() == 0);
    CHECK(e.engine.blocks().cached() <= e.engine.blocks().total());
}

TEST_CASE("with the prefix cache off nothing is found") {
    EngineLimits l = with_prefixes(4, 100);
    l.prefix_cache = false;
    Composed e(Scheduler::vllm, l);
    e.add(9, 1, 0, {1, 2});
    e.step();
    CHECK(e.engine.cached_tokens(e.add(9, 1, 0, {1, 2})) == 0);
    CHECK(e.engine.blocks().cached() == 0);
}

TEST_CASE("cached beginnings give way to whoever needs the room") {
    Composed e(Scheduler::vllm, with_prefixes(4, 6));
    e.add(16, 1, 0, {1, 2, 3, 4});
    CHECK(e.step() == "0:16 end 0");
    CHECK(e.engine.blocks().cached() == 4);
    e.add(15, 1);   // 4 blocks, 2 are free: the end of the beginning goes
    CHECK(e.step() == "1:15 end 1");
    CHECK(e.engine.blocks().cached() == 2);
    CHECK(e.engine.cached_tokens(e.add(16, 1, 0, {1, 2, 3, 4})) == 8);
}

TEST_CASE("a preempted request finds what it shared, if nobody needed the room") {
    Composed e(Scheduler::vllm, with_prefixes(4, 7));
    e.add(8, 6);
    e.add(12, 7, 0, {1, 2});
    CHECK(e.step() == "0:8 1:12");
    // Nine tokens and 13: a third and a fourth block, and two are free.
    CHECK(e.steps(4) == std::vector<std::string>{"+0 +1", "+0 +1", "+0 +1", "+0 +1"});
    CHECK(e.step() == "-1 +0 end 0");   // 13 and 17
    CHECK(e.engine.blocks().cached() == 2);
    CHECK(e.step() == "1:9");   // 12 + 5 tokens, 8 of them found
    CHECK(e.engine.blocks().used() == 5);
}

TEST_CASE("drafts take room for all tokens a step may give") {
    EngineLimits l = small_limits(100, 100);
    l.accepted_per_step = 3;
    Composed e(Scheduler::vllm, l);
    e.add(4, 8);
    CHECK(e.step() == "0:4");
    CHECK(e.step() == "+0");   // 7 tokens
    CHECK(e.engine.blocks().used() == 2);
    CHECK(e.step() == "+0");   // 10
    CHECK(e.engine.blocks().used() == 3);
    CHECK(e.step() == "+0 end 0");   // 1 + 9 >= 8
}

TEST_CASE("whoever leaves, wherever it is, leaves nothing behind") {
    Composed e(Scheduler::vllm, small_limits(8, 100));
    Sequence& decoding = e.add(4, 9);
    Sequence& under_way = e.add(12, 9);
    Sequence& waiting = e.add(4, 9);
    CHECK(e.step() == "0:4 1:4");
    CHECK(e.engine.running() == 2);
    CHECK(e.engine.waiting() == 1);
    e.engine.withdraw(waiting);
    e.engine.withdraw(under_way);
    CHECK(e.engine.blocks().used() == 1);
    e.engine.withdraw(decoding);
    CHECK(e.engine.blocks().used() == 0);
    CHECK(e.engine.reserved() == 0);
    CHECK(e.step() == "");
    CHECK(decoding.place == Sequence::Place::nowhere);
}

TEST_CASE("a prompt computed for another replica holds its blocks until it is sent") {
    Composed e(Scheduler::vllm, small_limits(8, 100));
    Sequence& s = e.add(6, 9);
    Composition c;
    REQUIRE(e.engine.admit(6));
    e.engine.add_computed(s, 6);
    e.engine.hold_for_sending(s);
    CHECK(e.engine.running() == 0);
    CHECK(s.generated == 1);
    CHECK(e.engine.blocks().used() == 2);
    e.engine.release_sent(s);
    CHECK(e.engine.blocks().used() == 0);
    CHECK(s.engine == nullptr);
}

TEST_CASE("a lost engine gives everything back in order of arrival and starts cold") {
    Composed e(Scheduler::vllm, with_prefixes(4, 100));
    e.engine.hold_for_sending([&]() -> Sequence& {
        Sequence& s = e.add(4, 9);
        REQUIRE(e.engine.admit(4));
        e.engine.add_computed(s, 4);
        return s;
    }());
    e.add(5, 9, 0, {1});
    e.step();
    e.step();
    e.add(200, 9);
    e.step();
    e.add(4, 9);
    const auto all = e.engine.drop_all();
    REQUIRE(all.size() == 4);
    for (std::size_t i = 0; i < all.size(); ++i) {
        CHECK(all[i]->record.id == i);
        CHECK(all[i]->place == Sequence::Place::nowhere);
    }
    CHECK(e.engine.running() + e.engine.waiting() == 0);
    CHECK(e.engine.blocks().used() == 0);
    CHECK(e.engine.blocks().cached() == 0);
}

TEST_CASE("the longest a request can get counts its drafts") {
    EngineLimits l = small_limits(8, 100);
    Composed plain(Scheduler::vllm, l);
    CHECK(plain.engine.blocks_at_longest(plain.add(6, 5)) == 3);   // 6 + 5 + 1
    l.accepted_per_step = 2.4;
    Composed drafts(Scheduler::vllm, l);
    CHECK(drafts.engine.blocks_at_longest(drafts.add(6, 5)) == 4);   // 6 + 5 + 2
}
