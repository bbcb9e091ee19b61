// What holds in a right run, and that each invariant notices the run that breaks it.

#include "sim/measure/invariants.h"

#include <functional>

#include "tests/measure/small_engine.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

constexpr Ticks kMs = 1'000'000'000;

// What is told of one request of 3 tokens: prompt until 10 ms, decode until 18 ms. Tests bend it before it is told.
struct Story {
    Arrival arrival;
    PromptStep prompt{0, 0, 10 * kMs, 100, 1, 1, 0};
    ReplicaState between{0, 10 * kMs, 1, 0, 7, 1, 10};
    DecodeRun decode{0, 10 * kMs, 4 * kMs, 0, 2, 1, 1};
    ReplicaState after{0, 18 * kMs, 0, 0, 0, 0, 10};
    RequestRecord record;
    bool arrives = true, ends = true;
    std::function<void(Observer&)> last = [](Observer&) {};

    Story() {
        arrival.input = 100, arrival.output = 3;
        record.started = 0, record.first_token = 10 * kMs, record.finished = 18 * kMs, record.input = 100, record.output = 3,
        record.replica = 0;
    }
    InvariantChecker told(InvariantSpec spec = {}) const {
        InvariantChecker checker(spec);
        if (arrives) checker.arrived(0, arrival);
        checker.stepped(prompt);
        checker.state(between);
        checker.decoded(decode);
        checker.state(after);
        if (ends) checker.ended(record);
        last(checker);
        checker.finish();
        return checker;
    }
};

// The numbers of what is broken.
std::vector<int> broken(const Story& story, InvariantSpec spec = {}) {
    std::vector<int> numbers;
    const InvariantChecker checker = story.told(spec);
    for (const auto& v : checker.violations()) {
        if (std::ranges::count(numbers, v.number) == 0) numbers.push_back(v.number);
    }
    return numbers;
}
using Numbers = std::vector<int>;

}  // namespace

TEST_CASE("a right run breaks nothing", "[measure]") {
    CHECK(broken({}) == Numbers{});
    CHECK(Story().told().checked() > 20);
    for (const bool skip : {true, false}) {
        for (const std::uint64_t seed : {1U, 2U, 3U}) {
            auto engine = SmallEngine::random(seed, 500, 0.1);
            engine.skip = skip;
            InvariantChecker checker;
            engine.run({&checker});
            checker.finish();
            INFO((checker.problems().empty() ? "" : to_text(checker.problems()[0])));
            CHECK(checker.holds());
            CHECK(checker.checked() > 5000);
        }
    }
}

TEST_CASE("invariant 1: requests are conserved", "[measure]") {
    Story never;
    never.arrives = false;
    CHECK(broken(never) == Numbers{1, 5});
    Story lost;
    lost.ends = false;
    CHECK(broken(lost) == Numbers{1, 5});
    Story twice;
    twice.last = [&](Observer& o) { o.ended(twice.record); };
    CHECK(broken(twice) == Numbers{1});
    Story again;
    again.last = [&](Observer& o) { o.arrived(0, again.arrival); };
    CHECK(broken(again) == Numbers{1});
}

TEST_CASE("invariant 2: a replica's clock goes forward", "[measure]") {
    Story overlaps;
    overlaps.decode.start = 9 * kMs, overlaps.record.finished = 17 * kMs, overlaps.after.at = 17 * kMs;
    CHECK(broken(overlaps) == Numbers{2});
    Story back;
    back.after.at = 9 * kMs;
    CHECK(broken(back) == Numbers{2});
    Story no_time;
    no_time.decode.first = 0, no_time.record.finished = no_time.prompt.end, no_time.after.at = no_time.prompt.end;
    CHECK(broken(no_time) == Numbers{2, 4});
    Story backwards;
    backwards.prompt.start = 11 * kMs;
    CHECK(broken(backwards) == Numbers{2});
    Story negative;
    negative.decode.first = 9 * kMs, negative.decode.growth = -10 * kMs;   // the second step takes -1 ms; 8 ms in all
    CHECK(broken(negative) == Numbers{2});
}

TEST_CASE("invariant 3: blocks are conserved", "[measure]") {
    Story more;
    more.between.kv_cached = 4;
    CHECK(broken(more) == Numbers{3});
    Story fewer;
    fewer.after.kv_used = -1;
    CHECK(broken(fewer) == Numbers{3});
}

TEST_CASE("invariant 4: a request's times are in order", "[measure]") {
    Story early;
    early.arrival.at = early.record.arrival = 11 * kMs;
    CHECK(broken(early) == Numbers{4});
    Story late;
    late.record.first_token = 19 * kMs;
    CHECK(broken(late) == Numbers{4});
    Story taken_up_late;
    taken_up_late.record.started = 11 * kMs;
    CHECK(broken(taken_up_late) == Numbers{4});
    Story never_taken_up;
    never_taken_up.record.started = kNever;
    CHECK(broken(never_taken_up) == Numbers{4});
    Story nothing;
    nothing.record.first_token = kNever;
    CHECK(broken(nothing) == Numbers{4});
    Story given_up;
    given_up.record.ending = Ending::timed_out;
    CHECK(broken(given_up) == Numbers{4, 5});
    Story at_once;
    at_once.record.first_token = at_once.record.finished;
    CHECK(broken(at_once) == Numbers{4});
}

TEST_CASE("invariant 5: steps give as many tokens as requests get", "[measure]") {
    Story more;
    more.arrival.output = more.record.output = 4;
    CHECK(broken(more) == Numbers{5});
    Story fewer;
    fewer.arrival.output = fewer.record.output = 2;
    CHECK(broken(fewer) == Numbers{5});
    // Tokens lost with a replica are told; drafts accepted past the end may be more, never fewer.
    const auto lose = [](std::int64_t tokens) { return [tokens](Observer& o) { o.thrown_away(tokens, 20 * kMs, 30 * kMs); }; };
    fewer.record.restarts = more.record.restarts = 1;
    CHECK(broken(fewer) == Numbers{5});
    fewer.last = lose(1);
    CHECK(broken(fewer) == Numbers{});
    fewer.last = lose(2);
    CHECK(broken(fewer) == Numbers{5});
    more.last = lose(1);
    CHECK(broken(more) == Numbers{5});
    Story drafts;
    drafts.decode.tokens_per_step = 2;
    CHECK(broken(drafts) == Numbers{});
}

TEST_CASE("invariant 6: a replica with requests works", "[measure]") {
    Story idle;
    idle.decode.start += 2 * kMs, idle.record.finished += 2 * kMs, idle.after.at += 2 * kMs;
    CHECK(broken(idle) == Numbers{6});
    CHECK(broken(idle, {2 * kMs}) == Numbers{});
    CHECK(broken(idle, {kNever}) == Numbers{});
    Story stuck;
    stuck.after.waiting = 1;
    stuck.last = [](Observer& o) { o.state({1, 30 * kMs, 0, 0, 0, 0, 10}); };
    CHECK(broken(stuck) == Numbers{6});
}

TEST_CASE("a rebalancing excuses the pause it makes, after the step it falls into", "[measure]") {
    const auto run = [](Ticks pause) {
        Story s;
        InvariantChecker checker;
        checker.arrived(0, s.arrival);
        checker.happened(Happening::rebalanced, 0, std::nullopt, 5 * kMs, 5 * kMs + pause);
        checker.stepped(s.prompt);
        checker.state(s.between);
        s.decode.start += 2 * kMs;
        checker.decoded(s.decode);
        return checker.holds();
    };
    CHECK(run(2 * kMs));
    CHECK_FALSE(run(1 * kMs));
}

TEST_CASE("invariant 7: a request ends with a step of its replica", "[measure]") {
    Story inside;
    inside.record.finished = 17 * kMs;
    CHECK(broken(inside) == Numbers{7});
    Story later;
    later.record.finished = 19 * kMs;
    CHECK(broken(later) == Numbers{7});
    Story elsewhere;
    elsewhere.record.replica = 1;
    CHECK(broken(elsewhere) == Numbers{7});
    Story nowhere;
    nowhere.record.replica = -1;
    CHECK(broken(nowhere) == Numbers{7});
}

TEST_CASE("invariant 8: steps have the sizes they tell", "[measure]") {
    Story empty;
    empty.decode.sequences = 0;
    CHECK(broken(empty) == Numbers{8});
    Story starved;
    starved.decode.sequences = 2;
    CHECK(broken(starved) == Numbers{8});
    Story many;
    many.prompt.first_tokens = 2, many.arrival.output = many.record.output = 4;
    CHECK(broken(many) == Numbers{8});
}

TEST_CASE("invariant 9: a lost replica is still", "[measure]") {
    Story lost;
    lost.last = [](Observer& o) {
        o.happened(Happening::lost, 0, std::nullopt, 20 * kMs, 20 * kMs);
        o.state({0, 20 * kMs, 0, 0, 0, 0, 10});
    };
    CHECK(broken(lost) == Numbers{});
    Story holds;
    holds.last = [](Observer& o) {
        o.happened(Happening::lost, 0, std::nullopt, 20 * kMs, 20 * kMs);
        o.state({0, 20 * kMs, 0, 0, 3, 0, 10});
    };
    CHECK(broken(holds) == Numbers{9});
    Story runs;
    runs.last = [](Observer& o) {
        o.happened(Happening::lost, 0, std::nullopt, 20 * kMs, 20 * kMs);
        o.stepped({0, 25 * kMs, 30 * kMs, 1, 1, 0, 0});
    };
    CHECK(broken(runs) == Numbers{9});
    Story returns;
    returns.last = [](Observer& o) {
        o.happened(Happening::lost, 0, std::nullopt, 20 * kMs, 20 * kMs);
        o.happened(Happening::returned, 0, std::nullopt, 24 * kMs, 24 * kMs);
        o.stepped({0, 25 * kMs, 30 * kMs, 1, 1, 0, 0});
    };
    CHECK(broken(returns) == Numbers{});
}

TEST_CASE("invariant 10: a record tells the request that arrived", "[measure]") {
    Story longer;
    longer.record.input = 101;
    CHECK(broken(longer) == Numbers{10});
    Story shifted;
    shifted.arrival.at = 1;
    CHECK(broken(shifted) == Numbers{10});
}

TEST_CASE("a violation says which invariant, when and where, and many of a kind are counted", "[measure]") {
    Story late;
    late.after.kv_used = -1;
    const auto checker = late.told();
    REQUIRE(checker.problems().size() == 1);
    CHECK(to_text(checker.problems()[0]) ==
          "invariant 3 (blocks) at 0.018000000 s, replica 0: more blocks are held and cached than there are, or fewer "
          "than none");
    Story many;
    many.last = [](Observer& o) {
        for (int i = 0; i < 100; ++i) o.state({0, 20 * kMs, 0, 0, -1, 0, 10});
    };
    const auto all = many.told();
    CHECK(all.broken() == 100);
    CHECK(all.violations().size() == 20);
    CHECK_THAT(to_text(all.problems().back()), ContainsSubstring("80 more violations"));
}

TEST_CASE("a request that was unfinished when the run stopped breaks nothing", "[measure]") {
    Story s;
    s.record.ending = Ending::unfinished, s.record.finished = kNever;
    CHECK(broken(s) == Numbers{5});
    s.last = [](Observer& o) { o.thrown_away(3, 20 * kMs, 30 * kMs); };
    CHECK(broken(s) == Numbers{});
}
