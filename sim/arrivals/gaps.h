#pragma once
// Gaps between arrivals, of mean 1: a process multiplies them by its mean gap. Drawn from core/routing/rng.h by formulas
// of ours, so that a seed gives the same arrivals whatever the standard library.

#include <cstdint>

#include "core/routing/rng.h"

namespace moeplan {

constexpr double kLargestCv = 100;  // of gaps and lengths: beyond it a run sees one burst or none
constexpr double kSmallestWeibullShape = 0.02;  // where the gamma function still fits a double

class Gaps {
public:
    static Gaps exponential();
    // `cv` = standard deviation over mean, 0 … kLargestCv; 0 = all alike.
    static Gaps gamma(double cv);  // shape 1 / cv^2
    static Gaps weibull(double cv);  // shape solved from cv
    // By shape, as measured; the scale follows from the mean. Up to 1e8; from 1e-4 (gamma) or kSmallestWeibullShape.
    static Gaps gamma_of_shape(double shape);
    static Gaps weibull_of_shape(double shape);

    double draw(Rng& rng) const;
    // From an instant chosen at random to the next arrival. With this as the first gap the process is stationary: it has
    // its rate from the first second, however bursty it is.
    // Source: D. R. Cox, Renewal Theory (1962), section 2.1: equilibrium renewal process.
    double draw_first(Rng& rng) const;

private:
    enum class Kind : std::uint8_t { constant, exponential, gamma, weibull };
    Gaps(Kind kind, double shape) : kind_(kind), shape_(shape) {}

    Kind kind_ = Kind::exponential;
    double shape_ = 1;
    double scale_ = 1;
};

// The k with sqrt(G(1 + 2/k) / G(1 + 1/k)^2 - 1) = cv, G being the gamma function; cv in (0, kLargestCv].
double weibull_shape_of_cv(double cv);

// Of mean `shape`; shape > 0.
// Source: G. Marsaglia and W. W. Tsang, A simple method for generating gamma variables, ACM TOMS 26 (2000).
double draw_gamma(double shape, Rng& rng);

}  // namespace moeplan
