// Thousands of small clusters drawn at random: nothing is lost, nothing hangs, skipping changes nothing.

#include <cstdlib>
#include <cstring>

#include "tests/support/catch.h"
#include "tests/support/random_cluster.h"

using namespace moeplan;

TEST_CASE("random clusters keep every invariant and give the same result skipped and step by step") {
    std::uint64_t first = 0, last = 600;
    if (const char* e = std::getenv("SEEDS")) { first = std::strtoull(e, nullptr, 10); last = std::strtoull(std::strchr(e, '-') + 1, nullptr, 10); }
    for (std::uint64_t seed = first; seed < last; ++seed) {
        CAPTURE(seed);
        const RandomCluster c = RandomClusters(seed).next();
        const Checked skipped = checked(c, true), stepped = checked(c, false);
        CHECK(skipped.broken == std::vector<std::string>{});
        CHECK(stepped.broken == std::vector<std::string>{});
        CHECK(difference(skipped, stepped) == "");
    }
}
