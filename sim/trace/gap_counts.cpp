#include "sim/trace/gap_counts.h"

#include <bit>

#include "core/base/require.h"

namespace moeplan {
namespace {

constexpr int kDropped = 12;   // of the 23 bits of a float's fraction: 11 are left
constexpr std::size_t kBins = std::size_t{0x7f800000U >> kDropped} + 1;

double middle_of(std::size_t bin) {
    if (bin == 0) return 0;   // 0 and what no clock can tell from it
    const auto low = std::bit_cast<float>(static_cast<std::uint32_t>(bin) << kDropped);
    const auto high = std::bit_cast<float>((static_cast<std::uint32_t>(bin) + 1) << kDropped);
    return 0.5 * (static_cast<double>(low) + static_cast<double>(high));
}

}  // namespace

void GapCounts::add(float gap) {
    require(gap >= 0, "a time between tokens is not negative");
    if (bins_.empty()) bins_.resize(kBins);
    const float positive = gap > 0 ? gap : 0;   // -0 has other bits
    ++bins_[std::bit_cast<std::uint32_t>(positive) >> kDropped];
    ++size_;
    sum_ += static_cast<double>(positive);
}

double GapCounts::at_rank(std::uint64_t rank) const {
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < bins_.size(); ++i) {
        seen += bins_[i];
        if (seen > rank) return middle_of(i);
    }
    return middle_of(bins_.size() - 1);
}

double GapCounts::quantile_s(double q) const {
    require(size_ > 0 && q >= 0 && q <= 1, "a quantile of something");
    const double at = q * static_cast<double>(size_ - 1);
    const auto below = static_cast<std::uint64_t>(at);
    const double low = at_rank(below);
    const double share = at - static_cast<double>(below);
    return share > 0 ? low + share * (at_rank(below + 1) - low) : low;
}

}  // namespace moeplan
