#pragma once
// Statistics on estimates whose interval is the central 90 %.

#include "core/base/estimate.h"

namespace moeplan {

// Probability that the quantity behind `a` is below the one behind `b`, both positive and independent, each
// read as log-normal with its 5th and 95th percentile at low and high: Phi((mu_b - mu_a) / sqrt(s_a^2 +
// s_b^2)), with mu = (ln low + ln high) / 2 and s = (ln high - ln low) / (2 * 1.6449). The centre is the
// interval's, not `value`: an interval of a positive quantity that is symmetric in ratio has both equal. Two
// exact equal estimates give 1/2. Shared uncertainty (the same price, the same simulator bias) is not seen:
// it cancels in truth and would push the answer further from 1/2, so this is the cautious figure.
// Requires: 0 < low <= high, finite.
double probability_less(const Estimate& a, const Estimate& b);

// a * b and a / b of positive independent quantities in the same reading: widths add in quadrature in the
// logarithm, value is the product or quotient of the values, and the interval keeps low <= value <= high.
// Requires: 0 < low <= value <= high, finite.
Estimate independent_product(const Estimate& a, const Estimate& b);
Estimate independent_quotient(const Estimate& a, const Estimate& b);

// `a` with what it is off by besides, a ratio around 1, independent of its own interval. An exact ratio, and a value that may be
// nothing, change nothing.
Estimate with_error(const Estimate& a, const Estimate& ratio);

}  // namespace moeplan
