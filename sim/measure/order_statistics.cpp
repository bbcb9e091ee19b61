#include "sim/measure/order_statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

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

namespace {

// The leading 18 bits order floats that are not negative: 1024 to an octave.
constexpr int kShift = 14;
std::size_t bucket_of(float value) { return std::bit_cast<std::uint32_t>(value) >> kShift; }

}  // namespace

std::vector<float> order_statistics(const std::vector<float>& values, const std::vector<double>& ps) {
    require(!values.empty(), "order statistics of nothing");
    std::vector<std::uint32_t> counts(std::size_t{1} << (31 - kShift));
    for (const float v : values) ++counts[bucket_of(v)];
    std::vector<std::size_t> ranks;
    for (const double p : ps) ranks.push_back(nearest_rank(values.size(), p));
    std::vector<std::size_t> sorted = ranks;
    std::ranges::sort(sorted);

    // Buckets that hold an answer, and how many values come before them.
    struct Wanted { std::size_t bucket, before; };
    std::vector<Wanted> wanted;
    std::size_t before = 0, bucket = 0;
    for (const std::size_t rank : sorted) {
        while (before + counts[bucket] <= rank) before += counts[bucket++];
        if (wanted.empty() || wanted.back().bucket != bucket) wanted.push_back({bucket, before});
    }
    constexpr std::uint32_t kNotWanted = 0;   // counts are done with: they tell which list a bucket has, from 1
    std::ranges::fill(counts, kNotWanted);
    for (std::size_t i = 0; i < wanted.size(); ++i) counts[wanted[i].bucket] = static_cast<std::uint32_t>(i + 1);
    std::vector<std::vector<float>> inside(wanted.size());
    for (const float v : values) {
        if (const std::uint32_t list = counts[bucket_of(v)]; list != kNotWanted) inside[list - 1].push_back(v);
    }
    for (auto& list : inside) std::ranges::sort(list);
    std::vector<float> out;
    for (const std::size_t rank : ranks) {
        const auto at = std::ranges::upper_bound(wanted, rank, {}, &Wanted::before) - wanted.begin() - 1;
        const auto list = static_cast<std::size_t>(at);
        out.push_back(inside[list][rank - wanted[list].before]);
    }
    return out;
}

const std::vector<double>& drawn_shares() {
    static const std::vector<double> shares = [] {
        std::vector<double> s;
        for (int i = 0; i < 100; ++i) s.push_back(i / 100.0);
        s.insert(s.end(), {0.995, 0.999, 1.0});
        return s;
    }();
    return shares;
}

}  // namespace moeplan
