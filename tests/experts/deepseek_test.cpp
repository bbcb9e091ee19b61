// DeepSeek-R1 on 32 ranks against what is published of it.
// Source: NVIDIA/TensorRT-LLM, tech blog 4 "Scaling Expert Parallelism in TensorRT-LLM": decode, 32 ranks of 8 of 256
// experts: the busiest rank has 2.564 x the mean, the hottest expert 11.948 x, deviation 164.1/128 of the mean.
#include <algorithm>
#include <cmath>
#include <string>

#include "core/routing/rng.h"
#include "sim/experts/rebalance_summary.h"
#include "tests/experts/support.h"
#include "tests/support/scratch.h"

using namespace moeplan;

namespace {

// 255 log-normal quantiles and the published hottest expert, mean 1, as wide as the published deviation.
std::vector<double> published_spread() {
    std::vector<double> loads(256);
    double low = 0.01, high = 3;
    for (int i = 0; i < 80; ++i) {
        const double sigma = (low + high) / 2;
        double sum = 0, square = 0;
        for (std::size_t e = 0; e < 255; ++e) {
            loads[e] = std::exp(sigma * normal_quantile((static_cast<double>(e) + 0.5) / 255));
            sum += loads[e];
        }
        loads[255] = 11.948;
        for (std::size_t e = 0; e < 255; ++e) loads[e] *= (256 - 11.948) / sum;
        for (const double x : loads) square += (x - 1) * (x - 1) / 256;
        (std::sqrt(square) < 164.1 / 128 ? low : high) = sigma;
    }
    return loads;
}

// 58 layers of it, each in an order of its own.
std::string counts_file(const Scratch& scratch) {
    std::string text = "layer_id,expert_id,count\n";
    const auto spread = published_spread();
    for (std::size_t layer = 0; layer < 58; ++layer) {
        auto loads = spread;
        Rng rng(3, layer, 0);
        shuffle(loads, rng);
        for (std::size_t e = 0; e < loads.size(); ++e) {
            text += std::to_string(layer) + "," + std::to_string(e) + "," +
                    std::to_string(std::llround(loads[e] * 1e6)) + "\n";
        }
    }
    return scratch.file("counts.csv", text);
}

// fp8 weights as published; four nodes of eight H100.
void as_published(ExpertStudy& study) { study.prepared[0].precision.experts = NumberFormat::fp8_block; }

}  // namespace

TEST_CASE("experts that are spread as published leave 32 ranks as uneven as published until they are rebalanced") {
    const Scratch scratch;
    ExpertStudy study("deepseek-v3", attention_parallel(32), CountsRouting{counts_file(scratch), {}, {}});
    as_published(study);
    const auto without = study.epochs({}, {}, 3600);
    // 58 orders of one spread: 2.3; thousands of them: 2.4 (tests/routing/deepseek_r1_test.cpp).
    CHECK(without[0].imbalance == Approx(2.564).epsilon(0.12));
    CHECK(without[0].load->at(4096).imbalance == Approx(2.564).epsilon(0.12));

    const auto with = study.epochs({}, RebalanceSpec{Seconds{600}, 32}, 3600);
    REQUIRE(with.size() == 2);
    CHECK(with[1].imbalance < 1.05);
    const auto summary = rebalance_summary(with, without, study.candidate(), Seconds{3600});
    // One more slot of 44.04 million weights and their scales in each of 58 layers.
    CHECK(summary.extra_memory.value == Approx(58 * 3 * 7168 * 2048.0).epsilon(0.001));
    // Most experts change their rank; nine slots of 58 layers over 50 GB/s a GPU take 0.46 s at its datasheet's rate.
    CHECK(with[1].moved_experts > 256);
    CHECK(with[1].pause.value > 58 * 6 * 44.04e6 / 50e9);
    CHECK(with[1].pause.value < 2 * 58 * 9 * 44.04e6 / (50e9 * 0.78));
    CHECK(summary.most_gained == Approx(without[0].imbalance / summary.imbalance_with).epsilon(0.001));
}

TEST_CASE("the table of docs/routing.md, Over time: published spread, a twentieth drifts a minute") {
    const Scratch scratch;
    const ExpertStudy study("deepseek-v3", attention_parallel(32), CountsRouting{counts_file(scratch), {}, {}});
    const DriftSpec drift{Seconds{60}, 0.05};
    const Seconds hour{3600};
    const auto without = study.epochs(drift, {}, hour.value);
    const auto imbalance = [&](double every, std::int64_t redundant) {
        return rebalance_summary(study.epochs(drift, RebalanceSpec{Seconds{every}, redundant}, hour.value), without,
                                 study.candidate(), hour)
            .imbalance_with;
    };
    CHECK(rebalance_summary(without, without, study.candidate(), hour).imbalance_with == Approx(2.40).margin(0.005));
    CHECK(imbalance(600, 0) == Approx(2.06).margin(0.005));
    CHECK(imbalance(600, 32) == Approx(1.93).margin(0.005));
    CHECK(imbalance(60, 32) == Approx(1.38).margin(0.005));
}

TEST_CASE("two models of skew bracket the published unevenness of ranks") {
    const ExpertStudy zipf("deepseek-v3", attention_parallel(32), ZipfRouting{0.6});
    CHECK(zipf.epochs({}, {}, 1)[0].imbalance < 2.564);
    const ExpertStudy steep("deepseek-v3", attention_parallel(32), PowerLawRouting{1.2});
    CHECK(steep.epochs({}, {}, 1)[0].imbalance > 2.564);
}
