#include "core/base/estimate_math.h"

#include <cmath>

#include "core/base/require.h"

namespace moeplan {
namespace {

constexpr double kNormal95 = 1.6448536269514722;  // 95th percentile of the standard normal

bool positive(const Estimate& e) { return e.low > 0 && e.low <= e.high && std::isfinite(e.high); }

double log_centre(const Estimate& e) { return (std::log(e.low) + std::log(e.high)) / 2; }
double log_sigma(const Estimate& e) { return (std::log(e.high) - std::log(e.low)) / (2 * kNormal95); }

// Distances in the logarithm from value down to low and up to high.
double below(const Estimate& e) { return std::log(e.value) - std::log(e.low); }
double above(const Estimate& e) { return std::log(e.high) - std::log(e.value); }

Estimate around(double value, double down, double up) {
    return {value, value * std::exp(-down), value * std::exp(up)};
}

}  // namespace

double probability_less(const Estimate& a, const Estimate& b) {
    require(positive(a) && positive(b), "probability_less compares positive finite estimates");
    const double gap = log_centre(b) - log_centre(a);
    const double sigma = std::hypot(log_sigma(a), log_sigma(b));
    if (sigma == 0) return gap > 0 ? 1.0 : gap < 0 ? 0.0 : 0.5;
    return 0.5 * std::erfc(-gap / sigma / std::sqrt(2.0));
}

Estimate independent_product(const Estimate& a, const Estimate& b) {
    require(positive(a) && positive(b), "independent_product takes positive finite estimates");
    return around(a.value * b.value, std::hypot(below(a), below(b)), std::hypot(above(a), above(b)));
}

Estimate independent_quotient(const Estimate& a, const Estimate& b) {
    require(positive(a) && positive(b), "independent_quotient takes positive finite estimates");
    return around(a.value / b.value, std::hypot(below(a), above(b)), std::hypot(above(a), below(b)));
}

Estimate with_error(const Estimate& a, const Estimate& ratio) { return ratio.is_exact() || a.low <= 0 ? a : independent_product(a, ratio); }

}  // namespace moeplan
