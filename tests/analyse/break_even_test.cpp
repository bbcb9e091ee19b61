// Where two candidates cost the same, against cases worked out by hand.

#include "core/analyse/break_even.h"
#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("the break-even price ratio is the ratio of costs, in proportion to utilisation") {
    // a: 2 USD an hour, half used, 1 USD a unit. b: 4 USD an hour, fully used, 3 USD a unit.
    const std::vector<Payer> payers{{"b", Estimate::exact(3), 4, 1}, {"a", Estimate::exact(1), 2, 0.5}};
    const auto evens = break_evens(payers);
    REQUIRE(evens.size() == 1);
    const BreakEven& e = evens[0];
    CHECK(e.a == "a");
    CHECK(e.b == "b");
    CHECK(e.price_ratio == 0.5);
    CHECK(e.utilisation == 0.5);
    // As used now a's hour could cost 3 times as much: 6 USD, 1.5 times b's. Fully used twice that.
    CHECK(e.points.back().utilisation == 1);
    CHECK(e.points.back().price_ratio.value == Approx(3));
    CHECK(e.points.back().price_ratio.is_exact());
    CHECK(e.points.front().utilisation == 0.05);
    CHECK(e.points.front().price_ratio.value == Approx(0.15));
    for (std::size_t i = 1; i < e.points.size(); ++i) CHECK(e.points[i].utilisation > e.points[i - 1].utilisation);
}

TEST_CASE("the break-even interval is the quotient's of independent costs") {
    const std::vector<Payer> payers{{"a", {1, 0.5, 2}, 1, 1}, {"b", {4, 2, 8}, 1, 1}};
    const Estimate full = break_evens(payers).at(0).points.back().price_ratio;
    // Both are uncertain by a factor of 2: in quadrature by 2^sqrt(2).
    CHECK(full.value == Approx(4));
    CHECK(full.high == Approx(4 * 2.6651).epsilon(1e-4));
    CHECK(full.low == Approx(4 / 2.6651).epsilon(1e-4));
}

TEST_CASE("the cheapest stands against each other one, and who may cost nothing stands aside") {
    const std::vector<Payer> payers{{"dear", Estimate::exact(9), 2, 1}, {"free", {0, 0, 1}, 2, 1}, {"cheap", Estimate::exact(2), 2, 1},
                                    {"given away", Estimate::exact(1), 0, 1}, {"middling", Estimate::exact(5), 2, 1}};
    const auto evens = break_evens(payers);
    REQUIRE(evens.size() == 2);
    CHECK((evens[0].a == "cheap" && evens[0].b == "dear"));
    CHECK((evens[1].a == "cheap" && evens[1].b == "middling"));
    CHECK(break_evens(std::span(payers).first(2)).empty());
    CHECK(break_evens({}).empty());
}

TEST_CASE("prices per hour are no prices of work") {
    CHECK(is_unit_price("usd_per_mtok_output"));
    CHECK(is_unit_price("usd_per_correct_answer"));
    CHECK_FALSE(is_unit_price("usd_per_hour"));
    CHECK_FALSE(is_unit_price("usd_per_month"));
    CHECK_FALSE(is_unit_price("usd_per_cold_start"));
    CHECK_FALSE(is_unit_price("tpot_ms"));
}
