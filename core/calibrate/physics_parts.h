#pragma once
// What the priors of several families share.

#include <algorithm>
#include <cmath>

namespace moeplan {

// A smooth maximum: phases of one kernel overlap, imperfectly where they take equally long.
inline double norm3(double a, double b, double c = 0) { return std::cbrt(a * a * a + b * b * b + c * c * c); }

// The largest power of two that divides a size, at most `cap`: odd sizes are padded or run on slower kernels.
inline double alignment(double size, double cap) {
    double power = 1;
    while (power < cap && std::fmod(size, 2 * power) == 0) power *= 2;
    return power;
}

}  // namespace moeplan
