#include "sim/measure/time_bins.h"

#include <algorithm>

namespace moeplan {

TimeBins::TimeBins(std::size_t sums, std::size_t levels, std::size_t peaks)
    : sums_(sums, Amounts{}), peaks_(peaks, Amounts{}), levels_(levels, Changes{}) {}

double TimeBins::width_s() const { return to_seconds(Ticks{1} << shift_); }

std::size_t TimeBins::bins(Ticks last) const {
    if (last < 0) return 0;
    return std::min<std::size_t>(kMost, static_cast<std::size_t>(last >> shift_) + 1);
}

std::size_t TimeBins::bin_of(Ticks at) {
    if (at < 0) return 0;
    while (static_cast<std::size_t>(at >> shift_) >= kMost) fold();
    return static_cast<std::size_t>(at >> shift_);
}

void TimeBins::fold() {
    const double width = static_cast<double>(Ticks{1} << shift_);
    for (std::size_t i = 0; i < kMost / 2; ++i) {
        for (Amounts& sum : sums_) sum[i] = sum[2 * i] + sum[2 * i + 1];
        for (Amounts& peak : peaks_) peak[i] = std::max(peak[2 * i], peak[2 * i + 1]);
        for (Changes& level : levels_) {
            const Change first = level[2 * i], second = level[2 * i + 1];
            level[i] = {first.delta + second.delta, first.area + first.delta * width + second.area};
        }
    }
    constexpr auto kHalf = static_cast<std::ptrdiff_t>(kMost / 2);
    for (Amounts& sum : sums_) std::fill(sum.begin() + kHalf, sum.end(), 0.0);
    for (Amounts& peak : peaks_) std::fill(peak.begin() + kHalf, peak.end(), 0.0);
    for (Changes& level : levels_) std::fill(level.begin() + kHalf, level.end(), Change{});
    ++shift_;
}

void TimeBins::add(std::size_t sum, Ticks at, double amount) {
    const std::size_t bin = bin_of(at);
    sums_[sum][bin] += amount;
}

void TimeBins::hold_growing(std::size_t level, Ticks from, Ticks to, double first, double last) {
    constexpr Ticks kStairs = 8;
    const Ticks stairs = first == last ? 1 : std::min(kStairs, to - from);
    for (Ticks i = 0; i < stairs; ++i) {
        const double middle = (static_cast<double>(i) + 0.5) / static_cast<double>(stairs);
        hold(level, from + (to - from) * i / stairs, from + (to - from) * (i + 1) / stairs, first + middle * (last - first));
    }
}

void TimeBins::reach(std::size_t peak, Ticks at, double value) {
    const std::size_t bin = bin_of(at);
    peaks_[peak][bin] = std::max(peaks_[peak][bin], value);
}

void TimeBins::change(std::size_t level, Ticks at, double by) {
    const Ticks when = std::max<Ticks>(at, 0);
    const std::size_t bin = bin_of(when);
    const Ticks width = Ticks{1} << shift_, since = when - (static_cast<Ticks>(bin) << shift_);
    Change& changed = levels_[level][bin];
    changed.delta += by;
    changed.area += by * static_cast<double>(width - since);   // the bin's end itself may lie beyond what Ticks hold
}

void TimeBins::hold(std::size_t level, Ticks from, Ticks to, double value) {
    if (to <= from || value == 0) return;
    change(level, from, value);
    change(level, to, -value);
}

std::vector<double> TimeBins::integrals(std::size_t level) const {
    std::vector<double> out(kMost);
    const double width = static_cast<double>(Ticks{1} << shift_);
    double standing = 0;
    for (std::size_t i = 0; i < kMost; ++i) {
        const Change& change = levels_[level][i];
        out[i] = (standing * width + change.area) / static_cast<double>(kTicksPerSecond);
        standing += change.delta;
    }
    return out;
}

namespace {

// Share of bin [start, start + width) inside [from, to).
double inside(Ticks start, Ticks width, Ticks from, Ticks to) {
    // The last bin may end just beyond what Ticks hold: start + width is formed only where it lies before `to`.
    const Ticks low = std::max(start, from), high = to - start <= width ? to : start + width;
    return high > low ? static_cast<double>(high - low) / static_cast<double>(width) : 0;
}

}  // namespace

double TimeBins::sum_between(std::size_t sum, Ticks from, Ticks to) const {
    double total = 0;
    for (std::size_t i = 0; i < kMost; ++i) {
        total += sums_[sum][i] * inside(static_cast<Ticks>(i) << shift_, Ticks{1} << shift_, from, to);
    }
    return total;
}

double TimeBins::integral_between(std::size_t level, Ticks from, Ticks to) const {
    const std::vector<double> each = integrals(level);
    double total = 0;
    for (std::size_t i = 0; i < kMost; ++i) {
        total += each[i] * inside(static_cast<Ticks>(i) << shift_, Ticks{1} << shift_, from, to);
    }
    return total;
}

double TimeBins::peak_since(std::size_t peak, Ticks from) const {
    const auto first = static_cast<std::size_t>(std::max<Ticks>(from, 0) >> shift_);
    double highest = 0;
    for (std::size_t i = first; i < kMost; ++i) highest = std::max(highest, peaks_[peak][i]);
    return highest;
}

}  // namespace moeplan
