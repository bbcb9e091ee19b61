#pragma once
// Parameters whose residuals are smallest under a loss that forgives single large ones, for residuals that are not smooth: of
// users in step, or a simulation, which jump where one event overtakes another.
//
// Gauss-Newton with Levenberg's damping (Nocedal and Wright, Numerical Optimization, 2nd edition, section 10.3) on reweighted
// residuals; derivatives are differences over steps wide enough to see past the jumps.

#include <functional>
#include <vector>

#include "core/fit/minimise.h"

namespace moeplan {

// One for each measurement, the same number at every x. Must not throw.
using Residuals = std::function<std::vector<double>(const std::vector<double>& x)>;

// Sum over residuals of weight (sqrt(1 + (residual / scale)^2) - 1), and pull times the squared distance from `towards`.
struct RobustLoss {
    std::vector<double> weights;   // of each residual
    double scale = 1;
    std::vector<double> towards;   // of x
    double pull = 0;
};

// The loss at `x` where the residuals are `found`.
double robust_loss(const RobustLoss& loss, const std::vector<double>& found, const std::vector<double>& x);

// From `start`, inside the box, `step` wide differences, at most so many rounds of one evaluation for each parameter and a few
// more. A side of the box without width holds its parameter. Returns the best point seen.
std::vector<double> least_robust(const Residuals& residuals, const RobustLoss& loss, const std::vector<double>& start, const Box& box,
                                 double step, int rounds);

}  // namespace moeplan
