#include "sim/trace/gap_counts.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("quantiles of counted gaps are those of the gaps to a part in 4096") {
    GapCounts counts;
    std::vector<double> gaps;
    for (int i = 0; i < 5000; ++i) {
        const auto gap = static_cast<float>(1e-4 * std::exp(0.002 * ((i * 7919) % 5000)));
        counts.add(gap);
        gaps.push_back(static_cast<double>(gap));
    }
    std::ranges::sort(gaps);
    CHECK(counts.size() == 5000);
    double sum = 0;
    for (const double gap : gaps) sum += gap;
    CHECK(counts.mean_s() == Approx(sum / 5000).epsilon(1e-9));
    for (const double q : {0.0, 0.1, 0.5, 0.9, 0.99, 1.0}) {
        const double at = q * 4999;
        const auto below = static_cast<std::size_t>(at);
        const double exact = gaps[below] + (at - static_cast<double>(below)) * (gaps[std::min<std::size_t>(below + 1, 4999)] - gaps[below]);
        INFO(q);
        CHECK(counts.quantile_s(q) == Approx(exact).epsilon(1.0 / 4096));
    }
}

TEST_CASE("gaps of nothing are counted as nothing") {
    GapCounts counts;
    for (const float gap : {0.0F, -0.0F, 0.5F}) counts.add(gap);
    CHECK(counts.quantile_s(0) == 0);
    CHECK(counts.quantile_s(0.5) == 0);
    CHECK(counts.quantile_s(1) == Approx(0.5).epsilon(1.0 / 4096));
}
