#include "core/fit/gp_search.h"

#include <cmath>
#include <limits>

#include "core/fit/minimise.h"

namespace moeplan::gp {
namespace {

constexpr double kScaleMedian = 1.0, kScaleSpread = 1.0;   // of log length scales
constexpr double kFar = 500;   // squared length scales: beyond it the covariance is below 1e-15 of the signal
constexpr double kScaleLow = -1.5, kScaleHigh = 4.0;

Eigen::MatrixXd squared_distances(const Eigen::MatrixXd& z) {
    const Eigen::VectorXd norms = z.rowwise().squaredNorm();
    Eigen::MatrixXd d = -2.0 * z * z.transpose();
    d.colwise() += norms;
    d.rowwise() += norms.transpose();
    return d.cwiseMax(0.0);
}

// sum_ij b_ij (z_ik - z_jk)^2 for every feature k, b symmetric.
Eigen::VectorXd weighted_gaps(const Eigen::MatrixXd& b, const Eigen::MatrixXd& z) {
    const Eigen::VectorXd sums = b.rowwise().sum();
    const Eigen::MatrixXd bz = b * z;
    return 2.0 * ((z.array().square().colwise() * sums.array()).colwise().sum() - (z.array() * bz.array()).colwise().sum())
                     .matrix()
                     .transpose();
}

}  // namespace

double matern(double squared_distance) {
    if (squared_distance > kFar) return 0;
    const double r = std::sqrt(3.0 * std::max(squared_distance, 0.0));
    return (1.0 + r) * std::exp(-r);
}

Likelihood::Likelihood(const Eigen::MatrixXd& z, const Eigen::VectorXd& y, const Eigen::VectorXd& extra, double floor)
    : z_(z), y_(y), extra_(extra), floor_(floor * floor) {}

double Likelihood::operator()(const std::vector<double>& p, std::vector<double>& gradient) const {
    const Eigen::Index d = z_.cols();
    const Eigen::Index n = z_.rows();
    Eigen::MatrixXd scaled = z_;
    for (Eigen::Index k = 0; k < d; ++k) scaled.col(k) *= std::exp(-p[static_cast<std::size_t>(k)]);
    const auto at = static_cast<std::size_t>(d);
    const double signal = std::exp(p[at]), noise = std::exp(p[at + 1]), constant = std::exp(p[at + 2]);
    const Eigen::ArrayXXd r = (3.0 * squared_distances(scaled)).array().sqrt();
    const Eigen::ArrayXXd decay = (-r).exp();
    const Eigen::MatrixXd smooth = (signal * (1.0 + r) * decay).matrix();
    Eigen::MatrixXd c = smooth;
    c.array() += constant;
    c.diagonal().array() += noise + floor_ + extra_.array();
    const Eigen::LLT<Eigen::MatrixXd> factor(c);
    if (factor.info() != Eigen::Success) return std::numeric_limits<double>::infinity();
    const Eigen::VectorXd a = factor.solve(y_);
    double value = 0.5 * y_.dot(a) + factor.matrixLLT().diagonal().array().log().sum();
    for (std::size_t k = 0; k < at; ++k) {
        const double off = (p[k] - kScaleMedian) / kScaleSpread;
        value += 0.5 * off * off;
    }
    if (gradient.empty()) return value;
    Eigen::MatrixXd w = factor.solve(Eigen::MatrixXd::Identity(n, n));
    w.noalias() -= a * a.transpose();
    const Eigen::MatrixXd b = (w.array() * (3.0 * signal * decay)).matrix();
    const Eigen::VectorXd length = 0.5 * weighted_gaps(b, scaled);
    for (std::size_t k = 0; k < at; ++k) {
        gradient[k] = length[static_cast<Eigen::Index>(k)] + (p[k] - kScaleMedian) / (kScaleSpread * kScaleSpread);
    }
    gradient[at] = 0.5 * (w.array() * smooth.array()).sum();
    gradient[at + 1] = 0.5 * noise * w.trace();
    gradient[at + 2] = 0.5 * constant * w.sum();
    return value;
}

Eigen::MatrixXd covariance(const Eigen::MatrixXd& z, double signal, double constant) {
    const Eigen::ArrayXXd r = (3.0 * squared_distances(z)).array().sqrt();
    return (signal * (1.0 + r) * (-r).exp() + constant).matrix();
}

Scales search_scales(const Eigen::MatrixXd& z, const Eigen::VectorXd& y, const Eigen::VectorXd& extra, const GpOptions& options) {
    const auto d = static_cast<std::size_t>(z.cols());
    const double variance = y.squaredNorm() / static_cast<double>(y.size()) + 1e-8;
    std::vector<double> start(d, 0.7);
    start.insert(start.end(), {std::log(variance), std::log(0.02 * variance + 1e-6), std::log(0.1 * variance)});
    Box box{std::vector<double>(d, kScaleLow), std::vector<double>(d, kScaleHigh)};
    box.low.insert(box.low.end(), {-12.0, -12.0, -20.0});
    box.high.insert(box.high.end(), {4.0, 2.0, 2.0});
    const std::vector<double> best = minimise(Likelihood(z, y, extra, options.noise_floor), start, box, options.evaluations);
    Scales scales;
    scales.length.assign(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(d));
    scales.signal = best[d];
    scales.noise = best[d + 1];
    scales.constant = best[d + 2];
    return scales;
}

}  // namespace moeplan::gp
