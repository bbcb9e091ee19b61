#include "core/fit/minimise.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include <nlopt.h>

#include "core/base/require.h"

namespace moeplan {
namespace {

struct Search {
    const Objective* objective;
    std::vector<double> x, gradient, best;
    double least = std::numeric_limits<double>::infinity();
};

double evaluate(unsigned n, const double* x, double* gradient, void* data) {
    auto& search = *static_cast<Search*>(data);
    search.x.assign(x, x + n);
    search.gradient.resize(gradient ? n : 0);
    double value = (*search.objective)(search.x, search.gradient);
    if (!std::isfinite(value)) value = 1e30;   // a step too far: the line search comes back
    if (value < search.least) {
        search.least = value;
        search.best = search.x;
    }
    if (gradient) {
        for (unsigned i = 0; i < n; ++i) gradient[i] = std::isfinite(search.gradient[i]) ? search.gradient[i] : 0;
    }
    return value;
}

}  // namespace

std::vector<double> minimise(const Objective& objective, std::vector<double> start, const Box& box, int evaluations) {
    require(start.size() == box.low.size() && start.size() == box.high.size(), "a box has a side for every variable");
    if (start.empty()) return start;
    for (std::size_t i = 0; i < start.size(); ++i) start[i] = std::clamp(start[i], box.low[i], box.high[i]);
    Search search{&objective, {}, {}, start};
    const auto n = static_cast<unsigned>(start.size());
    const std::unique_ptr<nlopt_opt_s, void (*)(nlopt_opt)> method(nlopt_create(NLOPT_LD_LBFGS, n), nlopt_destroy);
    nlopt_set_lower_bounds(method.get(), box.low.data());
    nlopt_set_upper_bounds(method.get(), box.high.data());
    nlopt_set_min_objective(method.get(), evaluate, &search);
    nlopt_set_maxeval(method.get(), evaluations);
    nlopt_set_ftol_rel(method.get(), 1e-6);
    nlopt_set_xtol_rel(method.get(), 1e-5);
    double least = 0;
    // The result code says why it stopped (tolerance, evaluations, a line search that found nothing better); the best
    // point seen is the answer in each case.
    nlopt_optimize(method.get(), start.data(), &least);
    return search.best;
}

}  // namespace moeplan
