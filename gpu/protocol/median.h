#pragma once
// The median of repeated timings and how sure it is.

#include <cstdint>
#include <optional>
#include <vector>

namespace moeplan {

// low and high are order statistics: P(low <= true median <= high) >= 95 % whatever the distribution of the samples
// is, if they are independent. Source: David & Nagaraja, "Order Statistics" (3rd ed. 2003), section 7.1:
// P(X_(r) <= m <= X_(n+1-r)) = 1 - 2 P(Binomial(n, 1/2) <= r - 1).
struct MedianInterval {
    double median = 0, low = 0, high = 0;
    // (high - low) / 2 over the median.
    double relative_half_width() const { return (high - low) / (2 * median); }
};

// The largest r (from 1) for which the formula above gives at least 95 %; 0 below 6 samples, which cannot.
std::int64_t median_rank(std::int64_t samples);

// The mean of the two middle ones for an even number. Requires: not empty.
double median_of(std::vector<double> samples);

// Nothing below 6 samples.
std::optional<MedianInterval> median_interval(std::vector<double> samples);

}  // namespace moeplan
