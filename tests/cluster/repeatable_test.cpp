// The same options and the same source give the same result, wherever and beside whatever they run.

#include <thread>

#include "tests/support/catch.h"
#include "tests/support/random_cluster.h"

using namespace moeplan;

TEST_CASE("the same seed gives the same result to the tick") {
    for (std::uint64_t seed = 500; seed < 560; ++seed) {
        const Checked one = checked(RandomClusters(seed).next(), true), other = checked(RandomClusters(seed).next(), true);
        CHECK(difference(one, other) == "");
        CHECK(one.result.events == other.result.events);
    }
}

TEST_CASE("two simulations in two threads do not touch each other") {
    std::vector<Checked> first(60), second(60);
    const auto work = [](std::vector<Checked>& out) {
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = checked(RandomClusters(700 + i).next(), true);
    };
    std::thread beside(work, std::ref(first));
    work(second);
    beside.join();
    for (std::size_t i = 0; i < first.size(); ++i) CHECK(difference(first[i], second[i]) == "");
}
