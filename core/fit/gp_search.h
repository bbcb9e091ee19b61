#pragma once
// Marginal likelihood of a Gaussian process and the search for its scales. Internal to core/fit.

#include <Eigen/Dense>

#include "core/fit/gaussian_process.h"

namespace moeplan::gp {

// Logarithms of: a length scale per feature, then signal, noise and constant variances.
struct Scales {
    std::vector<double> length;
    double signal = 0, noise = 0, constant = 0;
};

// Negative log marginal likelihood plus the weak prior on length scales, and its gradient. Keeps references.
// Source: Rasmussen and Williams, eq. 5.9.
class Likelihood {
public:
    // `z`, `y`, `extra` as for search_scales; `floor`: standard deviation added to the noise.
    Likelihood(const Eigen::MatrixXd& z, const Eigen::VectorXd& y, const Eigen::VectorXd& extra, double floor);
    // p: logarithms of a length scale per column of z, then of signal, noise and constant variances. Fills the gradient (size
    // of p) unless it is empty; infinite where the covariance cannot be factored.
    double operator()(const std::vector<double>& p, std::vector<double>& gradient) const;

private:
    const Eigen::MatrixXd& z_;
    const Eigen::VectorXd& y_;
    const Eigen::VectorXd& extra_;
    double floor_;
};

// (1 + sqrt(3) r) exp(-sqrt(3) r) for squared distances r2.
double matern(double squared_distance);

// Covariance of rows of z (already divided by length scales) without noise.
Eigen::MatrixXd covariance(const Eigen::MatrixXd& z, double signal, double constant);

// `z`: standardised features; `y`: centred; `extra`: noise variance a point has beyond the common one. Maximises the
// likelihood with a weak log-normal prior on length scales (median e standard deviations): what the data say nothing
// about stays smooth.
Scales search_scales(const Eigen::MatrixXd& z, const Eigen::VectorXd& y, const Eigen::VectorXd& extra, const GpOptions& options);

}  // namespace moeplan::gp
