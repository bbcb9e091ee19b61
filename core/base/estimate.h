#pragma once
// A number with how sure it is. low <= value <= high always holds; a figure that is exact
// (a parameter count) has low == value == high.

#include <algorithm>

namespace moeplan {

struct Estimate {
    double value = 0;
    double low = 0;
    double high = 0;

    static constexpr Estimate exact(double v) { return {v, v, v}; }
    constexpr bool is_exact() const { return low == value && high == value; }
    bool operator==(const Estimate&) const = default;
};

constexpr Estimate operator*(Estimate e, double k) {
    return k >= 0 ? Estimate{e.value * k, e.low * k, e.high * k}
                  : Estimate{e.value * k, e.high * k, e.low * k};
}
constexpr Estimate operator+(Estimate a, Estimate b) {
    return {a.value + b.value, a.low + b.low, a.high + b.high};
}
// Positive quotient k / e: the interval turns over.
constexpr Estimate inverse(double k, Estimate e) { return {k / e.value, k / e.high, k / e.low}; }

}  // namespace moeplan
