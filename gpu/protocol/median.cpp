#include "gpu/protocol/median.h"

#include <algorithm>
#include <cmath>

#include "core/base/require.h"

namespace moeplan {

std::int64_t median_rank(std::int64_t samples) {
    const double n = static_cast<double>(samples);
    double tail = 0;                      // P(Binomial(n, 1/2) <= r - 1)
    double log_term = -n * std::log(2.0);   // of P(Binomial(n, 1/2) = i); lgamma would write a global, and workers run in threads
    std::int64_t rank = 0;
    for (std::int64_t i = 0; 2 * i < samples; ++i) {
        const double x = static_cast<double>(i);
        tail += std::exp(log_term);
        if (1 - 2 * tail < 0.95) break;
        rank = i + 1;
        log_term += std::log((n - x) / (x + 1));
    }
    return rank;
}

double median_of(std::vector<double> samples) {
    require(!samples.empty(), "median_of: no samples");
    const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
    std::nth_element(samples.begin(), middle, samples.end());
    if (samples.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(samples.begin(), middle)) / 2;
}

std::optional<MedianInterval> median_interval(std::vector<double> samples) {
    const std::int64_t rank = median_rank(static_cast<std::int64_t>(samples.size()));
    if (rank == 0) return std::nullopt;
    std::ranges::sort(samples);
    const auto at = static_cast<std::size_t>(rank - 1);
    return MedianInterval{median_of(samples), samples[at], samples[samples.size() - 1 - at]};
}

}  // namespace moeplan
