#include "sim/measure/order_statistics.h"

#include <algorithm>
#include <cmath>

#include "core/base/require.h"

namespace moeplan {

std::size_t nearest_rank(std::size_t n, double p) {
    require(n > 0, "a percentile of nothing");
    // 0.29 x 100 is a hair above 29 in binary; the hair is taken off before rounding up.
    const double rank = std::ceil(p * static_cast<double>(n) * (1 - 1e-15));
    return static_cast<std::size_t>(std::clamp(rank, 1.0, static_cast<double>(n))) - 1;
}

float order_statistic(std::vector<float>& values, double p) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(nearest_rank(values.size(), p));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

}  // namespace moeplan
