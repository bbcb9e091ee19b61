#pragma once
// What the priors of several families share.

#include <algorithm>
#include <cmath>

namespace moeplan {

// A smooth maximum: phases of one kernel overlap, imperfectly where they take equally long.
inline double norm3(double a, double b, double c = 0) { return std::cbrt(a * a * a + b * b * b + c * c * c); }

inline double norm4(double a, double b) { return std::sqrt(std::sqrt(a * a * a * a + b * b * b * b)); }
inline double norm6(double a, double b) {
    const double high = std::max(a, b);
    const double low = std::min(a, b) / high;
    return high * std::pow(1 + std::pow(low, 6), 1.0 / 6);
}

// The largest power of two that divides a size, at most `cap`: odd sizes are padded or run on slower kernels.
inline double alignment(double size, double cap) {
    double power = 1;
    while (power < cap && std::fmod(size, 2 * power) == 0) power *= 2;
    return power;
}

}  // namespace moeplan
