#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/require.h"
#include "core/kernels/kernel.h"

namespace moeplan {
namespace {

// Bresenham's line: remainders are spread over the experts, so contiguous ranks differ by at most one pair.
std::vector<std::int64_t> balanced(std::int64_t pairs, std::int64_t experts) {
    std::vector<std::int64_t> loads;
    for (std::int64_t e = 0; e < experts; ++e) {
        loads.push_back((e + 1) * (pairs / experts) + (e + 1) * (pairs % experts) / experts - e * (pairs / experts) -
                        e * (pairs % experts) / experts);
    }
    return loads;
}

// Inverse CDF of the density ~ x^-alpha on [1, high].
double power_law_quantile(double u, double alpha, double high) {
    const double b = 1 - alpha;
    if (std::abs(b) < 1e-9) return std::pow(high, u);
    return std::pow(1 + u * (std::pow(high, b) - 1), 1 / b);
}

// splitmix64 (Steele, Lea, Flood, OOPSLA 2014): the same order everywhere, which std::shuffle does not promise.
std::uint64_t next(std::uint64_t& state) {
    std::uint64_t z = state += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

void shuffle(std::vector<double>& values) {
    std::uint64_t state = 20240229;
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[next(state) % i]);
}

// Scales to the total; what an expert would get beyond `most` goes to the others in proportion.
void scale_and_clamp(std::vector<double>& loads, double total, double most) {
    std::vector<bool> full(loads.size(), false);
    for (bool again = true; again;) {
        again = false;
        double free_sum = 0, left = total;
        for (std::size_t e = 0; e < loads.size(); ++e) {
            if (full[e]) left -= most;
            else free_sum += loads[e];
        }
        if (free_sum <= 0) return;
        const double scale = left / free_sum;
        for (std::size_t e = 0; e < loads.size(); ++e) {
            if (full[e]) continue;
            loads[e] *= scale;
            if (loads[e] >= most) {
                loads[e] = most;
                full[e] = again = true;
            }
        }
    }
}

std::vector<std::int64_t> largest_remainder(const std::vector<double>& expected, std::int64_t total,
                                            std::int64_t most) {
    std::vector<std::int64_t> loads;
    std::int64_t left = total;
    for (const double x : expected) {
        loads.push_back(std::clamp(static_cast<std::int64_t>(std::floor(x)), std::int64_t{0}, most));
        left -= loads.back();
    }
    std::vector<std::size_t> order(expected.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
        return expected[a] - std::floor(expected[a]) > expected[b] - std::floor(expected[b]);
    });
    // One round is enough but for rounding errors of the sum; experts that are full are passed over.
    while (left > 0) {
        for (const std::size_t e : order) {
            if (left == 0 || loads[e] >= most) continue;
            ++loads[e];
            --left;
        }
    }
    // A sum rounded up by an ulp: taken back where the remainder was smallest.
    while (left < 0) {
        for (auto e = order.rbegin(); e != order.rend() && left < 0; ++e) {
            if (loads[*e] == 0) continue;
            --loads[*e];
            ++left;
        }
    }
    return loads;
}

std::vector<std::int64_t> skewed(std::int64_t tokens, std::int64_t experts, std::int64_t pairs, double alpha) {
    const double high = std::max(1.0, 0.8 * static_cast<double>(tokens));
    std::vector<double> expected;
    for (std::int64_t e = 0; e < experts; ++e) {
        expected.push_back(
            power_law_quantile((static_cast<double>(e) + 0.5) / static_cast<double>(experts), alpha, high));
    }
    shuffle(expected);
    scale_and_clamp(expected, static_cast<double>(pairs), static_cast<double>(tokens));
    return largest_remainder(expected, pairs, tokens);
}

}  // namespace

std::vector<std::int64_t> example_loads(std::int64_t tokens, std::int64_t experts, std::int64_t top_k, std::int64_t ep,
                                        double alpha) {
    require(tokens >= 0 && tokens <= kMostElements, "example_loads: tokens out of range");
    require(experts >= 1 && experts <= kMostExperts && top_k >= 1 && top_k <= experts,
            "example_loads: experts or top_k out of range");
    require(ep >= 1 && ep <= experts && std::isfinite(alpha) && alpha >= 0, "example_loads: ep or alpha out of range");
    const std::int64_t pairs = tokens * top_k;
    const std::vector<std::int64_t> all = alpha == 0 ? balanced(pairs, experts) : skewed(tokens, experts, pairs, alpha);
    std::vector<std::int64_t> busiest;
    std::int64_t most = -1;
    for (std::int64_t rank = 0; rank < ep; ++rank) {
        const auto first = all.begin() + rank * experts / ep, last = all.begin() + (rank + 1) * experts / ep;
        const std::int64_t sum = std::accumulate(first, last, std::int64_t{0});
        if (sum > most) {
            most = sum;
            busiest.assign(first, last);
        }
    }
    return busiest;
}

}  // namespace moeplan
