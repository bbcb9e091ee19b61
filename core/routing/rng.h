#pragma once
// Seeded random numbers whose bytes don't depend on the standard library: its distributions differ between
// vendors, so draws are inverse CDFs written here.

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace moeplan {

// Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators" (xoshiro256++, splitmix64
// seeding).
class Rng {
public:
    explicit Rng(std::uint64_t seed) {
        for (auto& word : state_) word = split_mix(seed);
    }
    // An independent stream for one part of a computation: results don't depend on the order parts run in.
    Rng(std::uint64_t seed, std::uint64_t part, std::uint64_t sub_part)
        : Rng(mix(mix(seed + 0x9e3779b97f4a7c15ULL * (part + 1)) ^ (sub_part + 0x632be59bd9b4e019ULL))) {}

    std::uint64_t next() {
        const std::uint64_t result = rotate(state_[0] + state_[3], 23) + state_[0];
        const std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = rotate(state_[3], 45);
        return result;
    }

    // In [0, 1), 53 bits.
    double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
    // In (0, 1): safe under a logarithm.
    double open_uniform() { return (static_cast<double>(next() >> 11) + 0.5) * 0x1.0p-53; }
    // In [0, bound); bound > 0 and far below 2^53.
    std::size_t below(std::size_t bound) {
        return static_cast<std::size_t>(uniform() * static_cast<double>(bound));
    }

private:
    static std::uint64_t rotate(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
    static std::uint64_t mix(std::uint64_t z) {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    static std::uint64_t split_mix(std::uint64_t& seed) { return mix(seed += 0x9e3779b97f4a7c15ULL); }

    std::uint64_t state_[4] = {};
};

template <class T>
void shuffle(std::vector<T>& values, Rng& rng) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[rng.below(i)]);
}

// The standard normal's inverse CDF, relative error below 1.2e-9 for u in (0, 1).
// Source: P. J. Acklam, "An algorithm for computing the inverse normal cumulative distribution function"
// (2003).
inline double normal_quantile(double u) {
    constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                            1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
    constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                            6.680131188771972e+01, -1.328068155288572e+01};
    constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                            -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
    constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                            3.754408661907416e+00};
    constexpr double low = 0.02425;
    if (u < low || u > 1.0 - low) {
        const double tail = u < low ? u : 1.0 - u;
        const double q = std::sqrt(-2.0 * std::log(tail));
        const double x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
                         ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1.0);
        return u < low ? x : -x;
    }
    const double q = u - 0.5;
    const double r = q * q;
    return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
           (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1.0);
}

}  // namespace moeplan
