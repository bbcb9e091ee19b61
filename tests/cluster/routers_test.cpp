// Each router's rule, by hand.

#include <map>

#include "sim/cluster/router.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

std::int32_t chosen(RequestRouter& router, const std::vector<Door>& doors, const Arrival& request = {}) {
    return doors[router.choose(request, doors)].replica;
}

Arrival with_prefix(std::vector<std::uint64_t> ids) {
    Arrival a;
    a.prefix = std::move(ids);
    return a;
}

}  // namespace

TEST_CASE("round robin goes round, also when replicas come and go") {
    auto r = make_router(Router::round_robin, 1);
    const std::vector<Door> all{{0, 9}, {1, 0}, {2, 5}};
    for (const std::int32_t expected : {0, 1, 2, 0}) CHECK(chosen(*r, all) == expected);
    CHECK(chosen(*r, {{0, 0}, {2, 0}}) == 2);   // 1 is gone: 2 is next
    CHECK(chosen(*r, all) == 0);
    CHECK(chosen(*r, all) == 1);
    CHECK(chosen(*r, {{0, 0}, {1, 0}}) == 0);
    CHECK(chosen(*r, all) == 1);
}

TEST_CASE("least loaded takes the emptiest, the first of equals") {
    auto r = make_router(Router::least_loaded, 1);
    CHECK(chosen(*r, {{0, 3}, {1, 1}, {2, 1}}) == 1);
    CHECK(chosen(*r, {{0, 3}, {2, 7}}) == 0);
}

TEST_CASE("power of two takes the emptier of two: never the fullest but by drawing it twice") {
    auto r = make_router(Router::power_of_two, 3);
    const std::vector<Door> all{{0, 5}, {1, 1}, {2, 3}};
    std::map<std::int32_t, int> times;
    for (int i = 0; i < 9000; ++i) ++times[chosen(*r, all)];
    // Of 9 pairs 1 is both 0, 5 hold 1, 3 hold 2 and not 1.
    CHECK(times[0] == Approx(1000).epsilon(0.1));
    CHECK(times[1] == Approx(5000).epsilon(0.05));
    CHECK(times[2] == Approx(3000).epsilon(0.05));
    auto same = make_router(Router::power_of_two, 3), again = make_router(Router::power_of_two, 3);
    for (int i = 0; i < 100; ++i) CHECK(chosen(*same, all) == chosen(*again, all));
}

TEST_CASE("prefix affinity follows the longest known beginning when it is at least half") {
    auto r = make_router(Router::prefix_affinity, 1);
    CHECK(chosen(*r, {{0, 1}, {1, 0}}, with_prefix({1, 2, 3, 4})) == 1);   // unknown: the emptiest
    CHECK(chosen(*r, {{0, 0}, {1, 9}}, with_prefix({1, 2, 3, 9})) == 1);   // 3 of 4 are there
    CHECK(chosen(*r, {{0, 0}, {1, 9}}, with_prefix({1, 2, 7, 8})) == 1);   // 2 of 4
    CHECK(chosen(*r, {{0, 0}, {1, 9}}, with_prefix({1, 20, 21, 22})) == 0);   // 1 of 4
    CHECK(chosen(*r, {{0, 0}, {1, 9}}, with_prefix({})) == 0);
    CHECK(chosen(*r, {{0, 0}, {1, 32}}, with_prefix({2, 3, 4, 5})) == 1);
    CHECK(chosen(*r, {{0, 0}, {1, 33}}, with_prefix({2, 3, 4, 5})) == 0);   // much fuller than the emptiest
    CHECK(chosen(*r, {{0, 0}, {1, 0}}, with_prefix({2, 3, 4, 5})) == 0);    // and now it is there
    CHECK(chosen(*r, {{1, 50}}, with_prefix({2, 3, 4, 5})) == 1);           // it is gone
}

TEST_CASE("a session stays on its replica, and only those of a lost replica move") {
    auto r = make_router(Router::session, 1);
    const std::vector<Door> all{{0, 0}, {1, 0}, {2, 0}, {3, 0}}, without{{0, 0}, {1, 0}, {3, 0}};
    std::map<std::int32_t, int> sessions;
    for (std::uint32_t s = 0; s < 1000; ++s) {
        Arrival a;
        a.session = s;
        const std::int32_t home = chosen(*r, all, a);
        ++sessions[home];
        CHECK(chosen(*r, all, a) == home);
        if (home != 2) CHECK(chosen(*r, without, a) == home);
        else CHECK(chosen(*r, without, a) != 2);
    }
    for (const auto& [replica, n] : sessions) CHECK(n == Approx(250).epsilon(0.2));
}
