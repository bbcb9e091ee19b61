#pragma once
// Figures over time in bounded memory: at most 512 bins, whose width doubles when time outgrows them. Folding two bins into
// one adds amounts and areas and keeps the higher peak, so sums and integrals are those of the events, whatever the width.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/request/ticks.h"

namespace moeplan {

class TimeBins {
public:
    static constexpr std::size_t kMost = 512;

    // How many of each kind are kept; they are numbered from 0.
    TimeBins(std::size_t sums, std::size_t levels, std::size_t peaks);

    // An amount at an instant (an arrival, a token). Times are >= 0; those before 0 count as 0.
    void add(std::size_t sum, Ticks at, double amount);
    // Something that stood at `value` from `from` to `to`: levels held at the same time add up. O(1) in the length.
    void hold(std::size_t level, Ticks from, Ticks to, double value);
    // One that grows straight, in a few stairs.
    void hold_growing(std::size_t level, Ticks from, Ticks to, double first, double last);
    void reach(std::size_t peak, Ticks at, double value);

    // Over [from, to). A bin that is only partly inside counts by its share of time; whole ones are exact.
    double sum_between(std::size_t sum, Ticks from, Ticks to) const;
    double integral_between(std::size_t level, Ticks from, Ticks to) const;   // value x seconds
    double peak_since(std::size_t peak, Ticks from) const;                    // from the bin on that holds `from`

    // Bins up to the one that holds `last`.
    std::size_t bins(Ticks last) const;
    double width_s() const;
    double sum_of(std::size_t sum, std::size_t bin) const { return sums_[sum][bin]; }
    // The integral over each bin, value x seconds.
    std::vector<double> integrals(std::size_t level) const;

private:
    // A level as its changes: `delta` inside the bin, and the `area` (value x ticks) they cover up to the bin's end.
    struct Change { double delta = 0, area = 0; };
    using Amounts = std::array<double, kMost>;
    using Changes = std::array<Change, kMost>;

    std::size_t bin_of(Ticks at);
    void change(std::size_t level, Ticks at, double by);
    void fold();

    int shift_ = 30;   // a bin is 2^shift ticks: about a millisecond at first
    std::vector<Amounts> sums_, peaks_;
    std::vector<Changes> levels_;
};

}  // namespace moeplan
