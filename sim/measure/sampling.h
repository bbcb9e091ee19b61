#pragma once
// How noisy one finite run is. Its values (one per request, in order of arrival) hang together, so the noise is read from
// means of long batches of them, which hardly do.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace moeplan {

// 0.975 quantile of Student's t. Source: Student's distribution, as tabled in e.g. NIST/SEMATECH e-Handbook of
// Statistical Methods, 1.3.6.7.2. `freedom` >= 1; beyond 30 by 1.96 + 2.4 / freedom (right to 0.3 %).
double student_t_975(std::size_t freedom);

// Half-width of the 95 % interval of the mean that these batch means stand for: t x s / sqrt(k). Neighbouring batches that
// still hang together (lag-1 autocorrelation r above 0) widen it by sqrt((1 + r) / (1 - r)), the
// factor of a first-order autoregressive sequence; beyond r = 0.7 the run is too short to say: absent. Fewer than 10
// batches: absent.
// Source: Law, Simulation Modeling and Analysis, ch. 9.5.3 (batch means; 20-30 batches);
// docs/method.md, "Simulated figures".
std::optional<double> half_width_of(const std::vector<double>& batch_means);

// Of the mean of `values`: 30 batches, 20 when the 30 hang together. Absent below 200 values.
std::optional<double> sampling_of_mean(std::span<const float> values);

// Of the order statistic of `values` at 0 < p < 1: the share of values at or below it is a mean, so its own half-width h
// comes by batch means; the quantile's interval is that between the order statistics at p - h and p + h, and the
// longer side is given. Absent when p + h reaches past the last value (too few in the tail), or below 200 values.
// Source: Heidelberger & Lewis, Quantile estimation in dependent sequences, Operations Research 32(1), 1984.
std::optional<double> sampling_of_percentile(std::span<const float> values, double p);

}  // namespace moeplan
