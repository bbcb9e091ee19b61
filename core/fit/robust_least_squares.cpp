#include "core/fit/robust_least_squares.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Dense>

namespace moeplan {
namespace {

constexpr double kEnough = 2e-4;       // of the loss: a round that gains less is the last
constexpr double kFarthest = 1.2;      // a step goes in one parameter
constexpr int kDampings = 4;           // tried in a round

Eigen::VectorXd to_vector(const std::vector<double>& v) { return Eigen::Map<const Eigen::VectorXd>(v.data(), static_cast<Eigen::Index>(v.size())); }
std::vector<double> to_list(const Eigen::VectorXd& v) { return {v.data(), v.data() + v.size()}; }

double loss_of(const RobustLoss& loss, const Eigen::VectorXd& found, const Eigen::VectorXd& x) {
    const Eigen::ArrayXd scaled = found.array() / loss.scale;
    return (to_vector(loss.weights).array() * ((1 + scaled.square()).sqrt() - 1)).sum() +
           loss.pull * (x - to_vector(loss.towards)).squaredNorm();
}

class Search {
public:
    Search(const Residuals& residuals, const RobustLoss& loss, const std::vector<double>& start, const Box& box, double step)
        : residuals_(residuals), loss_(loss), step_(step), weights_(to_vector(loss.weights)), towards_(to_vector(loss.towards)),
          low_(to_vector(box.low)), high_(to_vector(box.high)) {
        go_to(within(to_vector(start)));
    }

    // Whether it is worth going on.
    bool improve() {
        const Eigen::MatrixXd slopes = jacobian();
        const Eigen::ArrayXd scaled = at_.array() / loss_.scale;
        const Eigen::VectorXd reweighted = (weights_.array() / (1 + scaled.square()).sqrt() / (loss_.scale * loss_.scale)).matrix();
        Eigen::MatrixXd normal = slopes.transpose() * reweighted.asDiagonal() * slopes;
        normal.diagonal().array() += 2 * loss_.pull;
        const Eigen::VectorXd downhill = -(slopes.transpose() * reweighted.cwiseProduct(at_)) - 2 * loss_.pull * (x_ - towards_);
        const double before = value_;
        for (int i = 0; i < kDampings && value_ >= before; ++i) {
            Eigen::MatrixXd damped = normal;
            damped.diagonal() *= 1 + damping_;
            const Eigen::VectorXd step = damped.ldlt().solve(downhill);
            if (!step.allFinite()) return false;
            const Eigen::VectorXd x = within(x_ + step.cwiseMax(-kFarthest).cwiseMin(kFarthest));
            const Eigen::VectorXd found = to_vector(residuals_(to_list(x)));
            const double value = loss_at(x, found);
            if (value < value_) {
                x_ = x;
                at_ = found;
                value_ = value;
                damping_ = std::max(damping_ / 5, 1e-3);
            } else {
                damping_ = std::max(damping_ * 8, 0.05);
            }
        }
        return before - value_ > kEnough * before;
    }

    std::vector<double> best() const { return to_list(x_); }

private:
    Eigen::VectorXd within(const Eigen::VectorXd& x) const { return x.cwiseMax(low_).cwiseMin(high_); }

    double loss_at(const Eigen::VectorXd& x, const Eigen::VectorXd& found) const { return loss_of(loss_, found, x); }

    void go_to(const Eigen::VectorXd& x) {
        x_ = x;
        at_ = to_vector(residuals_(to_list(x)));
        value_ = loss_at(x_, at_);
    }

    Eigen::MatrixXd jacobian() const {
        Eigen::MatrixXd slopes(at_.size(), x_.size());
        for (Eigen::Index i = 0; i < x_.size(); ++i) {
            if (low_[i] == high_[i]) {
                slopes.col(i).setZero();
                continue;
            }
            Eigen::VectorXd x = x_;
            x[i] += x[i] + step_ <= high_[i] ? step_ : -step_;
            slopes.col(i) = (to_vector(residuals_(to_list(x))) - at_) / (x[i] - x_[i]);
        }
        return slopes;
    }

    const Residuals& residuals_;
    const RobustLoss& loss_;
    double step_;
    Eigen::VectorXd weights_, towards_, low_, high_;
    Eigen::VectorXd x_, at_;   // where it is, and the residuals there
    double value_ = 0, damping_ = 1e-2;
};

}  // namespace

double robust_loss(const RobustLoss& loss, const std::vector<double>& found, const std::vector<double>& x) {
    return loss_of(loss, to_vector(found), to_vector(x));
}

std::vector<double> least_robust(const Residuals& residuals, const RobustLoss& loss, const std::vector<double>& start, const Box& box,
                                 double step, int rounds) {
    Search search(residuals, loss, start, box, step);
    for (int i = 0; i < rounds && search.improve(); ++i) {}
    return search.best();
}

}  // namespace moeplan
