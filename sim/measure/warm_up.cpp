#include "sim/measure/warm_up.h"

#include <limits>
#include <vector>

namespace moeplan {

std::optional<std::size_t> settled_after(std::span<const float> values) {
    if (values.size() < kFewestToSettle) return std::nullopt;
    const std::size_t k = values.size() / kSettlingBatch;
    // From the back: mean and squared deviations of everything from d on (Welford).
    double mean = 0, squares = 0, least = std::numeric_limits<double>::infinity();
    std::size_t best = 0;
    for (std::size_t d = k; d-- > 0;) {
        double batch = 0;
        for (std::size_t i = 0; i < kSettlingBatch; ++i) batch += static_cast<double>(values[d * kSettlingBatch + i]);
        batch /= static_cast<double>(kSettlingBatch);
        const auto n = static_cast<double>(k - d);
        const double off = batch - mean;
        mean += off / n;
        squares += off * (batch - mean);
        if (d > k / 2) continue;
        const double error = squares / (n * n);
        if (error <= least) {   // ties: the earlier start
            least = error;
            best = d;
        }
    }
    if (best * 20 >= k * 9) return std::nullopt;
    return best * kSettlingBatch;
}

}  // namespace moeplan
