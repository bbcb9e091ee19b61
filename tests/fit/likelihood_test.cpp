#include <Eigen/Dense>
#include <cmath>

#include "core/fit/gp_search.h"
#include "tests/support/catch.h"

using namespace moeplan;

namespace {

struct Data {
    Eigen::MatrixXd z{4, 2};
    Eigen::VectorXd y{4}, extra{4};
    Data() {
        z << 0, 0.3, 1, -0.5, -0.7, 1.2, 0.4, 0.9;
        y << 0.2, -0.4, 0.5, 0.1;
        extra << 0, 0.2, 0, 0;
    }
};

}  // namespace

TEST_CASE("the likelihood of one point is that of a normal distribution") {
    const Eigen::MatrixXd z = Eigen::MatrixXd::Zero(1, 1);
    const Eigen::VectorXd y = Eigen::VectorXd::Constant(1, 0.6), extra = Eigen::VectorXd::Zero(1);
    const gp::Likelihood f(z, y, extra, 0.1);
    std::vector<double> none;
    // Variance 0.5 + 0.2 + 0.3 + 0.1^2 = 1.01; -log N + log sqrt(2 pi) = y^2 / 2 v + log v / 2; the scale at its median.
    const double expected = 0.36 / (2 * 1.01) + 0.5 * std::log(1.01);
    CHECK(f({1.0, std::log(0.5), std::log(0.2), std::log(0.3)}, none) == Approx(expected));
}

TEST_CASE("the likelihood's gradient is what finite differences give") {
    const Data d;
    const gp::Likelihood f(d.z, d.y, d.extra, 0.05);
    for (const std::vector<double>& p : {std::vector<double>{0.3, -0.4, -1.0, -3.0, -2.0}, {2.0, 0.1, 0.5, -1.0, -5.0}}) {
        std::vector<double> gradient(p.size()), none;
        f(p, gradient);
        for (std::size_t i = 0; i < p.size(); ++i) {
            std::vector<double> up = p, down = p;
            up[i] += 1e-5;
            down[i] -= 1e-5;
            CHECK(gradient[i] == Approx((f(up, none) - f(down, none)) / 2e-5).epsilon(1e-5).margin(1e-7));
        }
    }
}

TEST_CASE("Matern three halves starts at one and only falls") {
    CHECK(gp::matern(0) == 1);
    CHECK(gp::matern(1) == Approx((1 + std::sqrt(3.0)) * std::exp(-std::sqrt(3.0))));
    double before = 2;
    for (double r = 0; r < 20; r += 0.5) {
        CHECK(gp::matern(r * r) < before);
        before = gp::matern(r * r);
    }
}

TEST_CASE("the search ends no worse than it starts") {
    const Data d;
    const gp::Scales best = gp::search_scales(d.z, d.y, d.extra, {});
    const gp::Likelihood f(d.z, d.y, d.extra, GpOptions{}.noise_floor);
    std::vector<double> at = best.length, none;
    at.insert(at.end(), {best.signal, best.noise, best.constant});
    const double variance = d.y.squaredNorm() / 4 + 1e-8;
    CHECK(f(at, none) <= f({0.7, 0.7, std::log(variance), std::log(0.02 * variance + 1e-6), std::log(0.1 * variance)}, none));
}
