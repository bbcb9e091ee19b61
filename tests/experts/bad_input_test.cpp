// What cannot be simulated is said in one sentence, at the candidate's line.
#include <limits>

#include "tests/experts/support.h"

using namespace moeplan;

namespace {

const DriftSpec kDrift{Seconds{60}, 0.1};
const RebalanceSpec kRebalance{Seconds{600}, 0};

}  // namespace

TEST_CASE("intervals and shares out of range are refused together") {
    const ExpertStudy study("tiny-moe", attention_parallel(4), ZipfRouting{1});
    const std::string text = study.refused(DriftSpec{Seconds{0}, 1.5}, RebalanceSpec{Seconds{-5}, 0});
    CHECK_THAT(text, ContainsSubstring("study.yaml:9: simulate.drift.every: 0 s; expected a time above 0"));
    CHECK_THAT(text, ContainsSubstring("simulate.drift.share: 1.5; expected 0 (nothing drifts) to 1 (everything)"));
    CHECK_THAT(text, ContainsSubstring("simulate.rebalance.every: -5 s; expected a time above 0"));
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THAT(study.refused(DriftSpec{Seconds{nan}, 0.1}, {}), ContainsSubstring("drift.every"));
    CHECK_THAT(study.refused(DriftSpec{Seconds{1}, nan}, {}), ContainsSubstring("drift.share"));
    CHECK_THAT(study.refused({}, RebalanceSpec{Seconds{std::numeric_limits<double>::infinity()}, 0}),
               ContainsSubstring("rebalance.every"));
}

TEST_CASE("rebalancing without expert parallelism is refused") {
    const ExpertStudy study("tiny-moe", {4, 1, 1, 1, 4}, ZipfRouting{1});
    const std::string text = study.refused({}, kRebalance);
    CHECK_THAT(text, ContainsSubstring("without expert parallelism there is nothing to rebalance"));
    CHECK_THAT(text, ContainsSubstring("study.yaml:9: simulate.rebalance"));
}

TEST_CASE("more spare slots than copies can fill are refused, as many as can are not") {
    const ExpertStudy study("tiny-moe", attention_parallel(4), ZipfRouting{1});
    CHECK_THAT(study.refused({}, RebalanceSpec{Seconds{10}, 49}),
               ContainsSubstring("49 extra slots; expected 0 to 48 (a copy of every expert on each of 4 ranks)"));
    CHECK_THAT(study.refused({}, RebalanceSpec{Seconds{10}, -1}), ContainsSubstring("-1 extra slots"));
    const auto all = study.epochs({}, RebalanceSpec{Seconds{10}, 48}, 100);
    CHECK(all.back().imbalance == Approx(1));
    CHECK(all.back().load->held_per_rank() == 16);
}

TEST_CASE("too many changes are refused before any is made") {
    const ExpertStudy study("tiny-moe", attention_parallel(4), ZipfRouting{1});
    const std::string text = study.refused(DriftSpec{Seconds{1e-3}, 0.1}, kRebalance, 3600);
    CHECK_THAT(text,
               ContainsSubstring("change the load of experts 3600004 times in 3600 s; expected fewer than 10000"));
    CHECK_THAT(study.refused(DriftSpec{Seconds{1e-300}, 0.1}, {}, 1e300),
               ContainsSubstring("expected fewer than 10000"));
    CHECK(study.refused(DriftSpec{Seconds{1e300}, 0.1}, RebalanceSpec{Seconds{1e300}, 0}, 1e300).empty());
}

TEST_CASE("a routing file that is gone is reported") {
    const ExpertStudy study("tiny-moe", attention_parallel(4), UniformRouting{});
    const auto result = expert_epochs(study.candidate(), CountsRouting{"gone.json", {}, {}}, kDrift, {}, Seconds{100},
                                      study.scenario.seed);
    CHECK_THAT(problems_of(result), ContainsSubstring("gone.json"));
}

TEST_CASE("a routing, placement or seed that the candidate was not prepared with is the caller's mistake") {
    const ExpertStudy study("tiny-moe", attention_parallel(4), ZipfRouting{1}, {PlacementKind::round_robin, 0});
    const Seconds horizon{100};
    CHECK_THROWS_AS(expert_epochs(study.candidate(), ZipfRouting{1}, kDrift, {}, horizon, study.scenario.seed),
                    std::logic_error);
    CHECK_THROWS_AS(expert_epochs(study.candidate(), ZipfRouting{2}, kDrift, {}, horizon, study.scenario.seed,
                                  study.scenario.placement),
                    std::logic_error);
    CHECK_THROWS_AS(expert_epochs(study.candidate(), ZipfRouting{1}, kDrift, {}, horizon, study.scenario.seed + 1,
                                  study.scenario.placement),
                    std::logic_error);
}
