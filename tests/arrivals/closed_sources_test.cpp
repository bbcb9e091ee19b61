#include "tests/arrivals/statistics.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

constexpr Ticks kSecond = kTicksPerSecond;

}  // namespace

TEST_CASE("users of a closed loop all start at once, and send again after an answer and a thought") {
    ClosedLoopSpec spec;
    spec.users = 3;
    spec.think = 2 * kSecond;
    const auto source = make_closed_loop(spec, plain_requests());
    const auto first = all_of(*source);
    REQUIRE(first.size() == 3);
    for (std::int32_t i = 0; i < 3; ++i) {
        CHECK(first[static_cast<std::size_t>(i)].at == 0);
        CHECK(first[static_cast<std::size_t>(i)].user == i);
        CHECK(first[static_cast<std::size_t>(i)].session == static_cast<std::uint32_t>(i));
    }
    const auto again = source->after(first[1], 5 * kSecond);
    REQUIRE(again);
    CHECK(again->at == 7 * kSecond);
    CHECK(again->user == 1);
    CHECK_FALSE(source->next());
    CHECK_FALSE(source->after(Arrival{}, 5 * kSecond));   // of no user
}

TEST_CASE("users may start one after the other and stop after some requests") {
    ClosedLoopSpec spec;
    spec.users = 4;
    spec.spread = 2 * kSecond;
    spec.requests_per_user = 2;
    const auto source = make_closed_loop(spec, plain_requests());
    const auto first = all_of(*source);
    REQUIRE(first.size() == 4);
    CHECK(first[1].at == kSecond / 2);
    CHECK(first[3].at == 3 * kSecond / 2);
    const auto second = source->after(first[3], 4 * kSecond);
    REQUIRE(second);
    CHECK(second->at == 4 * kSecond);
    CHECK_FALSE(source->after(*second, 5 * kSecond));
    CHECK(source->after(first[0], 4 * kSecond));
}

TEST_CASE("a batch comes at time zero, once") {
    const auto source = make_batch(5, plain_requests());
    const auto arrivals = all_of(*source);
    REQUIRE(arrivals.size() == 5);
    CHECK(arrivals.back().at == 0);
    CHECK(arrivals.back().input == 100);
    CHECK(arrivals.back().session == 4);
    CHECK_FALSE(source->after(arrivals[0], kSecond));
}

TEST_CASE("a list gives what it holds") {
    std::vector<Arrival> list(2);
    list[0].input = 7;
    list[1].at = kSecond;
    list[1].prefix = {1, 2};
    const auto source = make_list(list, 16);
    CHECK(source->prefix_block_tokens() == 16);
    CHECK(source->next()->input == 7);
    CHECK(source->next()->prefix == std::vector<std::uint64_t>{1, 2});
    CHECK_FALSE(source->next());
    std::swap(list[0].at, list[1].at);
    CHECK_THROWS(make_list(list));
}

TEST_CASE("limits end a source by count and by time, answers of a closed loop included") {
    const auto by_count = limited(make_renewal(10, Gaps::exponential(), plain_requests(), 1), {.requests = 17});
    CHECK(all_of(*by_count).size() == 17);
    const auto by_time = limited(make_renewal(10, Gaps::gamma(0), plain_requests(), 1), {.until = 3 * kSecond});
    const auto arrivals = all_of(*by_time);
    CHECK(arrivals.size() == 30);   // one every 0.1 s, wherever the first falls
    CHECK(arrivals.back().at < 3 * kSecond);

    ClosedLoopSpec spec;
    spec.users = 2;
    const auto loop = limited(make_closed_loop(spec, plain_requests()), {.requests = 3, .until = 10 * kSecond});
    const auto first = all_of(*loop);
    REQUIRE(first.size() == 2);
    CHECK_FALSE(loop->after(first[0], 10 * kSecond));
    CHECK(loop->after(first[0], 9 * kSecond));
    CHECK_FALSE(loop->after(first[1], 9 * kSecond));
}

TEST_CASE("a thought that ends past the clock is not the silent end of a user") {
    ClosedLoopSpec spec;
    spec.users = 1;
    spec.think = 100 * 86400 * kSecond;
    const auto source = make_closed_loop(spec, plain_requests());
    const auto first = source->next();
    REQUIRE(first);
    const auto late = source->after(*first, 50 * 86400 * kSecond);
    REQUIRE(late);
    CHECK(to_seconds(late->at) > kLongestSimulation_s);   // what a simulation refuses
    // Where the run ends before, it concerns nobody.
    const auto short_run = limited(make_closed_loop(spec, plain_requests()), {.until = 60 * 86400 * kSecond});
    const auto one = short_run->next();
    REQUIRE(one);
    CHECK_FALSE(short_run->after(*one, 50 * 86400 * kSecond));
}
