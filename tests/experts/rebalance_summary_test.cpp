// Summaries worked by hand.
#include "sim/experts/rebalance_summary.h"

#include "tests/experts/support.h"

using namespace moeplan;

namespace {

std::shared_ptr<const ExpertLoadTable> table(double held) {
    return std::make_shared<const ExpertLoadTable>(std::vector<double>{1}, std::vector<ExpertLoad>{{}}, held);
}

}  // namespace

TEST_CASE("a summary weighs imbalance by time, adds up pauses, and counts the memory of more slots") {
    const ExpertStudy study("tiny-moe", attention_parallel(4), UniformRouting{}, {}, "perfect");
    const auto four = table(4), five = table(5);
    // 3 for 40 s, 1 for 30 s, 2 for 30 s: 210/100. Two rebalances of 2 s and 1 s.
    const std::vector<ExpertEpoch> with{{{0}, four, {0}, 0, 3}, {{40}, five, {2}, 6, 1}, {{70}, five, {1}, 2, 2}};
    const std::vector<ExpertEpoch> without{{{0}, four, {0}, 0, 3}, {{50}, four, {0}, 0, 4}};
    const auto s = rebalance_summary(with, without, study.candidate(), Seconds{100});
    CHECK(s.imbalance_with == Approx(2.1));
    CHECK(s.imbalance_without == Approx(3.5));
    CHECK(s.rebalances == 2);
    CHECK(s.moved_experts == Approx(4));
    CHECK(s.pause.value == Approx(1.5));
    CHECK(s.paused_share == Approx(0.03));
    // One more slot in each of four layers, 3 x 256 x 512 parameters in bf16.
    CHECK(s.extra_memory.value == Approx(4 * 3.0 * 256 * 512 * 2));
    CHECK(s.most_gained == Approx(3.5 / 2.1 * 0.97));
}

TEST_CASE("a summary of nothing gained is one, and epochs beyond the horizon do not count") {
    const ExpertStudy study("tiny-moe", attention_parallel(4), ZipfRouting{1});
    const auto without = study.epochs({}, {}, 100);
    const auto same = rebalance_summary(without, without, study.candidate(), Seconds{100});
    CHECK(same.most_gained == Approx(1));
    CHECK(same.paused_share == 0);
    CHECK(same.extra_memory.value == 0);
    CHECK(same.rebalances == 0);
    const auto with = study.epochs({}, RebalanceSpec{Seconds{60}, 4}, 100);
    REQUIRE(with.size() == 2);
    CHECK(rebalance_summary(with, without, study.candidate(), Seconds{60}).imbalance_with ==
          Approx(without[0].imbalance));
    CHECK(rebalance_summary(with, without, study.candidate(), Seconds{0}).imbalance_with ==
          Approx(without[0].imbalance));
    CHECK(rebalance_summary(with, without, study.candidate(), Seconds{100}).imbalance_with < without[0].imbalance);
}

TEST_CASE("a pause longer than its epoch takes all of it and no more") {
    const ExpertStudy study("tiny-moe", attention_parallel(4), UniformRouting{});
    const std::vector<ExpertEpoch> with{{{0}, table(4), {0}, 0, 2}, {{50}, table(4), {500}, 6, 1}};
    const auto s = rebalance_summary(with, with, study.candidate(), Seconds{100});
    CHECK(s.paused_share == Approx(0.5));
    CHECK(s.most_gained == Approx(0.5));
}
