#include "sim/measure/sampling.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/measure/order_statistics.h"

namespace moeplan {
namespace {

constexpr std::size_t kFewestValues = 200, kFewestBatches = 10;
constexpr std::size_t kManyBatches = 30, kFewBatches = 20;
constexpr double kTooCorrelated = 0.7;

// Lag-1 autocorrelation, its bias of about -1/k undone.
double autocorrelation(const std::vector<double>& batches, double mean, double squares) {
    double products = 0;
    for (std::size_t i = 1; i < batches.size(); ++i) products += (batches[i] - mean) * (batches[i - 1] - mean);
    return squares > 0 ? products / squares + 1.0 / static_cast<double>(batches.size()) : 0;
}

// One-sided 5 % point of the autocorrelation of independent values.
double by_chance(std::size_t batches) { return 1.645 / std::sqrt(static_cast<double>(batches)); }

struct Moments { double mean = 0, squares = 0; };
Moments moments_of(const std::vector<double>& values) {
    Moments m;
    for (const double v : values) m.mean += v;
    m.mean /= static_cast<double>(values.size());
    for (const double v : values) m.squares += (v - m.mean) * (v - m.mean);
    return m;
}

template <class Value>
std::vector<double> batch_means(std::size_t n, std::size_t batches, Value value) {
    std::vector<double> means(batches);
    for (std::size_t b = 0; b < batches; ++b) {
        const std::size_t from = n * b / batches, to = n * (b + 1) / batches;
        double sum = 0;
        for (std::size_t i = from; i < to; ++i) sum += value(i);
        means[b] = sum / static_cast<double>(to - from);
    }
    return means;
}

template <class Value>
std::optional<double> sampling(std::size_t n, Value value) {
    if (n < kFewestValues) return std::nullopt;
    std::vector<double> means = batch_means(n, kManyBatches, value);
    const Moments m = moments_of(means);
    if (autocorrelation(means, m.mean, m.squares) > by_chance(kManyBatches)) means = batch_means(n, kFewBatches, value);
    return half_width_of(means);
}

}  // namespace

double student_t_975(std::size_t freedom) {
    static constexpr std::array kTable{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                       2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                                       2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
    if (freedom <= kTable.size()) return kTable[std::max<std::size_t>(freedom, 1) - 1];
    return 1.96 + 2.4 / static_cast<double>(freedom);
}

std::optional<double> half_width_of(const std::vector<double>& batches) {
    const std::size_t k = batches.size();
    if (k < kFewestBatches) return std::nullopt;
    const Moments m = moments_of(batches);
    const double r = autocorrelation(batches, m.mean, m.squares);
    if (r > kTooCorrelated) return std::nullopt;
    const auto n = static_cast<double>(k);
    const double plain = student_t_975(k - 1) * std::sqrt(m.squares / (n - 1) / n);
    return r > 0 ? plain * std::sqrt((1 + r) / (1 - r)) : plain;
}

std::optional<double> sampling_of_mean(std::span<const float> values) {
    return sampling(values.size(), [&](std::size_t i) { return static_cast<double>(values[i]); });
}

std::optional<double> sampling_of_percentile(std::span<const float> values, double p) {
    if (values.size() < kFewestValues) return std::nullopt;
    std::vector<float> sorted(values.begin(), values.end());
    const float at = order_statistic(sorted, p);
    const auto h = sampling(values.size(), [&](std::size_t i) { return values[i] <= at ? 1.0 : 0.0; });
    const double last = 1 - 1 / static_cast<double>(values.size());
    if (!h || p + *h > last) return std::nullopt;
    const double above = order_statistic(sorted, p + *h), below = order_statistic(sorted, std::max(p - *h, 0.0));
    return std::max(above - static_cast<double>(at), static_cast<double>(at) - below);
}

}  // namespace moeplan
