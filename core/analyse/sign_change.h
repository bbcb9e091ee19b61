#pragma once
// Where a function changes sign, in few evaluations: the bracket shrinks as fast as the function is smooth, and never slower
// than by halves of halves. Curves of kernels have steps; there it is bisection.
// Source: T. R. Chandrupatla, "A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear function
// without using derivatives", Advances in Engineering Software 28 (1997) 145.

#include <algorithm>
#include <cmath>
#include <utility>

namespace moeplan {

struct Bracket {
    double low = 0, high = 0;
};

// `value(x)`: an optional number; `at_low` and `at_high`: at the bracket's ends, of different sign (a zero is not negative).
// Ends when the bracket is no wider than `width`, or where the function has no value.
template <class Value>
Bracket sign_change(Bracket bracket, double at_low, double at_high, double width, Value value) {
    const bool low_sign = at_low < 0;
    // a: the newest point; b: on the other side of zero; c: the one before.
    double a = bracket.high, fa = at_high, b = bracket.low, fb = at_low, c = b, fc = fb;
    double share = 0.5;
    constexpr int kMost = 200;
    for (int i = 0; i < kMost && bracket.high - bracket.low > width; ++i) {
        const double x = a + share * (b - a);
        const auto at = value(x);
        if (!at) break;
        const double fx = *at;
        c = std::exchange(a, x);
        fc = std::exchange(fa, fx);
        if ((fx < 0) != (fc < 0)) {   // the other end is what was the newest point
            std::swap(b, c);
            std::swap(fb, fc);
        }
        ((fx < 0) == low_sign ? bracket.low : bracket.high) = x;
        const double xi = (a - b) / (c - b), phi = (fa - fb) / (fc - fb);
        share = 0.5;
        if (phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi) {
            share = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb);
        }
        // Never so near an end that nothing is learnt.
        const double least = std::min(0.5, 0.5 * width / std::abs(b - a));
        share = std::clamp(share, least, 1 - least);
    }
    return bracket;
}

}  // namespace moeplan
