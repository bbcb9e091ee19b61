#pragma once
// Plain references in double, and random shapes, for the CPU's kernels.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "gpu/cpu/buffer.h"
#include "gpu/cpu/element.h"
#include "tests/support/catch.h"

namespace moeplan::cpu {

using Doubles = std::vector<double>;

class Random {
public:
    explicit Random(unsigned seed) : random_(seed) {}
    std::int64_t from(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
    }

private:
    std::mt19937_64 random_;
};

template <class T>
Doubles doubles(const Buffer& buffer) {
    Doubles values;
    for (std::size_t i = 0; i < buffer.bytes() / sizeof(T); ++i)
        values.push_back(static_cast<double>(widen(buffer.as<T>()[i])));
    return values;
}

inline std::size_t z(std::int64_t value) { return static_cast<std::size_t>(value); }

// a [m][k] * b [k][n].
inline Doubles multiply(const Doubles& a, const Doubles& b, std::int64_t m, std::int64_t n, std::int64_t k) {
    Doubles c(z(m * n), 0.0);
    for (std::int64_t i = 0; i < m; ++i) {
        for (std::int64_t l = 0; l < k; ++l) {
            for (std::int64_t j = 0; j < n; ++j) c[z(i * n + j)] += a[z(i * k + l)] * b[z(l * n + j)];
        }
    }
    return c;
}

// The largest |found - wanted| over the root mean square of what is wanted.
inline double worst_error(const Doubles& found, const Doubles& wanted) {
    REQUIRE(found.size() == wanted.size());
    double squares = 0, worst = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        REQUIRE(std::isfinite(found[i]));
        squares += wanted[i] * wanted[i];
        worst = std::max(worst, std::abs(found[i] - wanted[i]));
    }
    return worst / std::sqrt(std::max(1e-30, squares / static_cast<double>(std::max<std::size_t>(1, found.size()))));
}

// Half a unit of bf16's 8 bits at values a few times the root mean square, or fp32 sums.
template <class T>
constexpr double kTolerance = sizeof(T) == 2 ? 0.03 : 2e-4;

}  // namespace moeplan::cpu
