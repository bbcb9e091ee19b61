#pragma once
// Times between tokens, of any number of requests: counted in bins of 1 part in 2048, so that a quantile is right to
// 1 part in 4096. Memory: 4 MB once a gap is there.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace moeplan {

class GapCounts {
public:
    // Seconds, >= 0.
    void add(float gap);

    std::uint64_t size() const { return size_; }
    // Requires size() > 0.
    double mean_s() const { return sum_ / static_cast<double>(size_); }
    // Linear interpolation between order statistics (Hyndman and Fan 1996, definition 7). Requires size() > 0, 0 <= q <= 1.
    double quantile_s(double q) const;

private:
    double at_rank(std::uint64_t rank) const;

    std::vector<std::uint64_t> bins_;   // by the leading bits of the gap
    std::uint64_t size_ = 0;
    double sum_ = 0;
};

}  // namespace moeplan
