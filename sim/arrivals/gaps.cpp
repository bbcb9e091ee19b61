#include "sim/arrivals/gaps.h"

#include <algorithm>
#include <cmath>

#include "core/base/require.h"

namespace moeplan {
namespace {

// At least 1: the method's own range.
double draw_gamma_of_large_shape(double shape, Rng& rng) {
    const double d = shape - 1.0 / 3.0;
    const double c = 1.0 / std::sqrt(9.0 * d);
    for (;;) {
        const double x = normal_quantile(rng.open_uniform());
        const double root = 1.0 + c * x;
        const double u = rng.open_uniform();
        if (root <= 0) continue;
        const double v = root * root * root;
        const double square = x * x;
        // The first test spares most logarithms.
        if (u < 1.0 - 0.0331 * square * square) return d * v;
        if (std::log(u) < 0.5 * square + d * (1.0 - v + std::log(v))) return d * v;
    }
}

double weibull_cv_of_shape(double k) {
    const double first = std::tgamma(1.0 + 1.0 / k);
    return std::sqrt(std::max(0.0, std::tgamma(1.0 + 2.0 / k) / (first * first) - 1.0));
}

}  // namespace

double draw_gamma(double shape, Rng& rng) {
    if (shape >= 1) return draw_gamma_of_large_shape(shape, rng);
    const double larger = draw_gamma_of_large_shape(shape + 1.0, rng);
    return larger * std::pow(rng.open_uniform(), 1.0 / shape);
}

double weibull_shape_of_cv(double cv) {
    require(cv > 0 && cv <= kLargestCv, "gaps have a positive and bounded spread");
    // For nearly equal gaps the variance drowns in rounding, and ln X tends to a Gumbel variable of deviation
    // pi / sqrt(6) / k.
    if (cv < 1e-3) return 3.14159265358979323846 / (std::sqrt(6.0) * cv);
    double low = 0.1, high = 2000;  // cv 430 and 6e-4
    for (int i = 0; i < 200; ++i) {
        const double middle = std::sqrt(low * high);
        (weibull_cv_of_shape(middle) > cv ? low : high) = middle;
    }
    return std::sqrt(low * high);
}

Gaps Gaps::exponential() { return {Kind::exponential, 1}; }

Gaps Gaps::gamma(double cv) {
    require(cv >= 0 && cv <= kLargestCv, "gaps have a bounded spread");
    return cv < 1e-4 ? Gaps(Kind::constant, 1) : gamma_of_shape(1.0 / (cv * cv));
}

Gaps Gaps::weibull(double cv) {
    require(cv >= 0 && cv <= kLargestCv, "gaps have a bounded spread");
    return cv < 1e-4 ? Gaps(Kind::constant, 1) : weibull_of_shape(weibull_shape_of_cv(cv));
}

Gaps Gaps::gamma_of_shape(double shape) {
    require(shape >= 1e-4 && shape <= 1e8, "a gamma shape within 1e-4 … 1e8");
    Gaps gaps(Kind::gamma, shape);
    gaps.scale_ = 1.0 / shape;
    return gaps;
}

Gaps Gaps::weibull_of_shape(double shape) {
    require(shape >= kSmallestWeibullShape && shape <= 1e8, "a Weibull shape within 0.02 … 1e8");
    Gaps gaps(Kind::weibull, shape);
    gaps.scale_ = 1.0 / std::tgamma(1.0 + 1.0 / shape);
    return gaps;
}

double Gaps::draw(Rng& rng) const {
    switch (kind_) {
        case Kind::constant: return 1;
        case Kind::exponential: return -std::log(rng.open_uniform());
        case Kind::gamma: return scale_ * draw_gamma(shape_, rng);
        case Kind::weibull: return scale_ * std::pow(-std::log(rng.open_uniform()), 1.0 / shape_);
    }
    require(false, "a kind of gaps can be drawn");
    return 0;
}

// A random instant falls into a gap with a chance in proportion to its length, anywhere within. Weighted by its length, a
// gamma variable of shape k has shape k + 1; and X^k of a Weibull variable X, exponential before, has shape 1 + 1/k.
double Gaps::draw_first(Rng& rng) const {
    switch (kind_) {
        case Kind::constant: return rng.open_uniform();
        case Kind::exponential: return -std::log(rng.open_uniform());
        case Kind::gamma: return scale_ * rng.open_uniform() * draw_gamma(shape_ + 1.0, rng);
        case Kind::weibull:
            return scale_ * rng.open_uniform() * std::pow(draw_gamma(1.0 + 1.0 / shape_, rng), 1.0 / shape_);
    }
    require(false, "a kind of gaps can be drawn");
    return 0;
}

}  // namespace moeplan
