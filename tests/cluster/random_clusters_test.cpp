// Thousands of small clusters drawn at random: nothing is lost, nothing hangs, skipping changes nothing.

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/random_cluster.h"

using namespace moeplan;

TEST_CASE("random clusters keep every invariant and give the same result skipped and step by step") {
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
        CAPTURE(seed);
        const RandomCluster c = RandomClusters(seed).next();
        const Checked skipped = checked(c, true), stepped = checked(c, false);
        CHECK(skipped.broken == std::vector<std::string>{});
        CHECK(stepped.broken == std::vector<std::string>{});
        CHECK(difference(skipped, stepped) == "");
    }
}

TEST_CASE("engines that set everything aside never take a cache back, whatever the memory") {
    for (const Scheduler scheduler : {Scheduler::tensorrt_llm, Scheduler::static_batch}) {
        for (std::uint64_t seed = 5000; seed < 5500; ++seed) {
            CAPTURE(static_cast<int>(scheduler), seed);
            RandomCluster c = RandomClusters(seed).next();
            for (GroupOptions& g : c.options.groups) g.scheduler = scheduler;
            const Checked run = checked(c, true);
            CHECK(run.broken == std::vector<std::string>{});
            std::uint64_t preemptions = 0;
            for (const RequestRecord& r : run.records.all) preemptions += r.preemptions;
            CHECK(preemptions == 0);
        }
    }
}
