#include "tests/support/catch.h"

#include <cmath>

#include "core/routing/routing.h"

using namespace moeplan;

TEST_CASE("uniform routing activates E(1-(1-k/E)^n) experts") {
    const auto profile = resolve_routing(UniformRouting{}, 64, 6, 27, 1);
    REQUIRE(profile);
    const auto table = build_expert_load_table(*profile, 1, {}, 1);
    // The uniform expectations published beside measured DeepSeek-V2-Lite routing.
    CHECK(table.at(1).activated == Approx(6.0));
    CHECK(table.at(2).activated == Approx(11.438).epsilon(1e-4));
    CHECK(table.at(32).activated == Approx(61.258).epsilon(1e-4));
    CHECK(table.at(32).imbalance == 1.0);
    CHECK(table.at(32).busiest_pairs == Approx(192.0));
    for (double n : {5.5, 7.0, 11.0, 20.0, 40.0, 90.0}) {
        CHECK(table.at(n).activated == Approx(64 * (1 - std::pow(1 - 6.0 / 64, n))).epsilon(0.012));
    }
}
