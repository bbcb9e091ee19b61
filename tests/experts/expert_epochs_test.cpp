// What epochs must be whatever the numbers.
#include "tests/experts/support.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/routing/placement.h"
#include "sim/experts/rebalance_summary.h"

using namespace moeplan;

namespace {

double late_imbalance(const std::vector<ExpertEpoch>& epochs, double at) {
    double found = 0;
    for (const ExpertEpoch& e : epochs) {
        if (e.from.value <= at) found = e.imbalance;
    }
    return found;
}

std::vector<double> starts(const std::vector<ExpertEpoch>& epochs) {
    std::vector<double> from;
    for (const ExpertEpoch& e : epochs) from.push_back(e.from.value);
    return from;
}

}  // namespace

TEST_CASE("without drift and rebalancing the only epoch is the candidate's own table") {
    const RoutingSpec routing = GENERATE(RoutingSpec{UniformRouting{}}, RoutingSpec{ZipfRouting{1}},
                                         RoutingSpec{PowerLawRouting{1.2}}, RoutingSpec{DirichletRouting{3}});
    const ExpertStudy study("tiny-moe", attention_parallel(4), routing);
    const auto epochs = study.epochs({}, {}, 1e4);
    REQUIRE(epochs.size() == 1);
    CHECK(epochs[0].load == study.candidate().expert_load);
    CHECK(epochs[0].from.value == 0);
    CHECK(epochs[0].pause.value == 0);
    CHECK(epochs[0].moved_experts == 0);
}

TEST_CASE("the imbalance of an epoch is what its table tends to for many tokens") {
    const RoutingSpec routing = GENERATE(RoutingSpec{ZipfRouting{1}}, RoutingSpec{DirichletRouting{2}});
    const ExpertStudy study("deepseek-v3", attention_parallel(32), routing);
    for (const ExpertEpoch& e : study.epochs(DriftSpec{Seconds{10}, 0.3}, RebalanceSpec{Seconds{30}, 32}, 65)) {
        INFO("from " << e.from.value);
        CHECK(e.load->at(262144).imbalance == Approx(e.imbalance).epsilon(0.02));
    }
}

TEST_CASE("a dense model knows neither drift nor rebalancing") {
    const ExpertStudy study("tiny-dense", {4, 1, 1, 1, 4}, UniformRouting{});
    const auto epochs = study.epochs(DriftSpec{Seconds{1}, 0.5}, RebalanceSpec{Seconds{1}, 0}, 100);
    REQUIRE(epochs.size() == 1);
    CHECK(epochs[0].load == nullptr);
}

TEST_CASE("on one rank no drift of popularity is felt") {
    const ExpertStudy study("tiny-moe", {4, 1, 1, 1, 4}, ZipfRouting{1});
    const auto epochs = study.epochs(DriftSpec{Seconds{1}, 0.5}, {}, 100);
    REQUIRE(epochs.size() == 1);
    CHECK(epochs[0].load == study.candidate().expert_load);
}

TEST_CASE("epochs begin where something changes, and intervals that are multiples meet") {
    const ExpertStudy study("tiny-moe", attention_parallel(4), ZipfRouting{1});
    const auto epochs = study.epochs(DriftSpec{Seconds{0.1}, 0.8}, RebalanceSpec{Seconds{0.3}, 4}, 0.7);
    CHECK(starts(epochs) == std::vector<double>{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6});
    for (const ExpertEpoch& e : epochs) {
        const bool rebalanced = e.from.value == 0.3 || e.from.value == 0.6;
        CHECK((e.pause.value > 0) == rebalanced);
        CHECK((e.moved_experts > 0) == rebalanced);
    }
    CHECK(starts(study.epochs(DriftSpec{Seconds{40}, 0.8}, RebalanceSpec{Seconds{100}, 4}, 250)) ==
          std::vector<double>{0, 40, 80, 100, 120, 160, 200, 240});
    CHECK(study.epochs(DriftSpec{Seconds{40}, 0.8}, RebalanceSpec{Seconds{100}, 4}, 0).size() == 1);
    CHECK(study.epochs(DriftSpec{Seconds{40}, 0.8}, {}, 40).size() == 1);
}

TEST_CASE("what changes nothing begins no epoch") {
    const ExpertStudy uniform("tiny-moe", attention_parallel(4), UniformRouting{});
    CHECK(uniform.epochs(DriftSpec{Seconds{1}, 1}, RebalanceSpec{Seconds{5}, 0}, 100).size() == 1);
    const ExpertStudy skewed("tiny-moe", attention_parallel(4), ZipfRouting{1});
    CHECK(skewed.epochs(DriftSpec{Seconds{1}, 0}, {}, 100).size() == 1);
    // Popularity that stays is rebalanced once.
    CHECK(skewed.epochs({}, RebalanceSpec{Seconds{10}, 0}, 100).size() == 2);
    CHECK(skewed.epochs(DriftSpec{Seconds{1}, 0}, RebalanceSpec{Seconds{10}, 0}, 100).size() == 2);
}

TEST_CASE("rebalancing popularity that stays never makes ranks less even, and spare slots make them more even") {
    const RoutingSpec routing =
        GENERATE(RoutingSpec{ZipfRouting{0.6}}, RoutingSpec{ZipfRouting{1.5}}, RoutingSpec{PowerLawRouting{1.2}},
                 RoutingSpec{DirichletRouting{0.5}}, RoutingSpec{UniformRouting{}});
    const PlacementKind kind =
        GENERATE(PlacementKind::contiguous, PlacementKind::round_robin, PlacementKind::balanced, PlacementKind::eplb);
    const ExpertStudy study("tiny-moe", attention_parallel(4), routing, {kind, 0});
    double before = study.epochs({}, {}, 1)[0].imbalance;
    for (const std::int64_t redundant : {0, 4, 16}) {
        const auto epochs = study.epochs({}, RebalanceSpec{Seconds{10}, redundant}, 100);
        INFO("redundant " << redundant);
        CHECK(epochs.back().imbalance <= before + 1e-9);
        before = epochs.back().imbalance;
    }
}

TEST_CASE("the same arguments give the same epochs") {
    const ExpertStudy study("tiny-moe", attention_parallel(4), ZipfRouting{1});
    const auto one = study.epochs(DriftSpec{Seconds{5}, 0.3}, RebalanceSpec{Seconds{20}, 4}, 100);
    const auto two = study.epochs(DriftSpec{Seconds{5}, 0.3}, RebalanceSpec{Seconds{20}, 4}, 100);
    REQUIRE(one.size() == two.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
        CHECK(one[i].from == two[i].from);
        CHECK(one[i].imbalance == two[i].imbalance);
        CHECK(one[i].moved_experts == two[i].moved_experts);
        CHECK(one[i].pause == two[i].pause);
        for (const double tokens : {1.0, 32.0, 1000.0, 100000.0})
            CHECK(one[i].load->at(tokens).busiest_pairs == two[i].load->at(tokens).busiest_pairs);
    }
}

TEST_CASE("the more drifts, the less a placement fits late in its interval") {
    const ExpertStudy study("deepseek-v3", attention_parallel(32), ZipfRouting{0.8});
    double before = 1;
    for (const double share : {0.0, 0.05, 0.2, 0.8}) {
        double mean = 0;
        const auto epochs = study.epochs(DriftSpec{Seconds{10}, share}, RebalanceSpec{Seconds{40}, 32}, 200);
        for (const double end : {79.0, 119.0, 159.0, 199.0}) mean += late_imbalance(epochs, end) / 4;
        INFO("share " << share << ": " << mean << " late in an interval");
        CHECK(mean > before);
        before = mean;
    }
}

TEST_CASE("drift alone leaves ranks as uneven as they were") {
    const ExpertStudy study("deepseek-v3", attention_parallel(32), ZipfRouting{0.8});
    double mean = 0;
    const auto epochs = study.epochs(DriftSpec{Seconds{10}, 0.5}, {}, 200);
    REQUIRE(epochs.size() == 20);
    for (const ExpertEpoch& e : epochs) mean += e.imbalance / static_cast<double>(epochs.size());
    CHECK(mean == Approx(epochs[0].imbalance).epsilon(0.05));
}

TEST_CASE("the longer a placement stays, the less it fits") {
    const ExpertStudy study("deepseek-v3", attention_parallel(32), ZipfRouting{0.8});
    const Seconds horizon{800};
    const auto without = study.epochs(DriftSpec{Seconds{10}, 0.1}, {}, horizon.value);
    double before = 1;
    for (const double every : {10.0, 40.0, 200.0}) {
        const auto with = study.epochs(DriftSpec{Seconds{10}, 0.1}, RebalanceSpec{Seconds{every}, 32}, horizon.value);
        const auto summary = rebalance_summary(with, without, study.candidate(), horizon);
        INFO("every " << every << ": " << summary.imbalance_with);
        CHECK(summary.imbalance_with > before);
        CHECK(summary.imbalance_with < summary.imbalance_without);
        before = summary.imbalance_with;
    }
}

TEST_CASE("epochs whose ranks are about as uneven share a table, so long simulations need few") {
    const ExpertStudy study("tiny-moe", attention_parallel(4), ZipfRouting{1});
    const auto epochs = study.epochs(DriftSpec{Seconds{10}, 0.5}, RebalanceSpec{Seconds{60}, 4}, 50'000);
    std::map<const ExpertLoadTable*, std::pair<double, double>> range;
    for (const ExpertEpoch& e : epochs) {
        auto& [low, high] = range.try_emplace(e.load.get(), e.imbalance, e.imbalance).first->second;
        low = std::min(low, e.imbalance);
        high = std::max(high, e.imbalance);
    }
    CHECK(epochs.size() > 4900);
    CHECK(range.size() < 100);
    for (const auto& [table, limits] : range) CHECK(limits.second <= limits.first * (1 + kAlike) * 1.0001);
}

TEST_CASE("power-law routing keeps its drawn loads while popularity wanders") {
    const ExpertStudy study("deepseek-v3", attention_parallel(32), PowerLawRouting{1.2});
    const auto epochs = study.epochs(DriftSpec{Seconds{10}, 1}, {}, 35);
    REQUIRE(epochs.size() == 4);
    for (const ExpertEpoch& e : epochs) {
        for (const double tokens : {64.0, 4096.0}) {
            CHECK(e.load->at(tokens).activated == Approx(epochs[0].load->at(tokens).activated).epsilon(0.01));
            CHECK(e.load->at(tokens).hottest_pairs == Approx(epochs[0].load->at(tokens).hottest_pairs).epsilon(0.01));
        }
    }
    CHECK(epochs[1].load->at(4096).busiest_pairs != epochs[0].load->at(4096).busiest_pairs);
}
