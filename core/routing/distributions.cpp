#include "core/routing/distributions.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/require.h"

namespace moeplan {
namespace {

std::vector<std::size_t> heaviest_first(const std::vector<double>& weights) {
    std::vector<std::size_t> order(weights.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return weights[a] > weights[b]; });
    return order;
}

double gamma_variate(double shape, Rng& rng) {
    if (shape < 1.0) {
        const double boost = std::pow(rng.open_uniform(), 1.0 / shape);
        return gamma_variate(shape + 1.0, rng) * boost;
    }
    const double d = shape - 1.0 / 3.0;
    const double c = 1.0 / std::sqrt(9.0 * d);
    for (;;) {
        const double z = normal_quantile(rng.open_uniform());
        const double v = (1.0 + c * z) * (1.0 + c * z) * (1.0 + c * z);
        if (v > 0.0 && std::log(rng.open_uniform()) < 0.5 * z * z + d - d * v + d * std::log(v)) return d * v;
    }
}

}  // namespace

std::vector<double> inclusion_probabilities(const std::vector<double>& weights, double top_k) {
    require(static_cast<double>(weights.size()) >= top_k && top_k > 0.0, "top_k experts must exist");
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    require(total > 0.0 && std::isfinite(total), "weights must be finite and not all zero");
    if (top_k * *std::max_element(weights.begin(), weights.end()) <= total) {
        std::vector<double> p(weights);
        for (double& x : p) x = std::min(1.0, x * (top_k / total));
        return p;
    }
    const auto order = heaviest_first(weights);
    // Sums from the lightest up: taking large weights away from a total would leave rounding noise behind.
    std::vector<double> from_here(order.size() + 1, 0.0);
    for (std::size_t i = order.size(); i > 0; --i) from_here[i - 1] = from_here[i] + weights[order[i - 1]];

    std::vector<double> p(weights.size(), 0.0);
    std::size_t held = 0;
    double left = top_k;
    while (held < order.size() && left > 0.0 && from_here[held] > 0.0 &&
           left * weights[order[held]] >= from_here[held]) {
        p[order[held++]] = 1.0;
        left = std::max(0.0, left - 1.0);
    }
    if (left <= 0.0) return p;
    const bool spread = held < order.size() && from_here[held] <= 0.0;
    for (std::size_t i = held; i < order.size(); ++i) {
        p[order[i]] = std::min(1.0, spread ? left / static_cast<double>(order.size() - held)
                                           : left * weights[order[i]] / from_here[held]);
    }
    return p;
}

std::vector<double> zipf_weights(std::int64_t experts, double alpha, Rng rng) {
    std::vector<double> weights(static_cast<std::size_t>(experts));
    for (std::size_t i = 0; i < weights.size(); ++i)
        weights[i] = std::pow(static_cast<double>(i + 1), -alpha);
    shuffle(weights, rng);
    return weights;
}

std::vector<double> dirichlet_weights(std::int64_t experts, double kappa, Rng rng) {
    std::vector<double> weights(static_cast<std::size_t>(experts));
    for (double& w : weights) w = gamma_variate(kappa, rng);
    // A tiny kappa can underflow every variate to zero: then one expert takes all, which is its limit.
    if (std::accumulate(weights.begin(), weights.end(), 0.0) <= 0.0) weights[rng.below(weights.size())] = 1.0;
    return weights;
}

std::vector<double> power_law_loads(double tokens, std::int64_t experts, double top_k, double alpha,
                                    Rng rng) {
    const double upper = std::max(1.0, 0.8 * tokens);
    const double log_upper = std::log(upper);
    const double power = 1.0 - alpha;
    std::vector<double> loads(static_cast<std::size_t>(experts));
    for (double& load : loads) {
        const double u = rng.uniform();
        // F^-1(u) = (1 + u (upper^(1-A) - 1))^(1/(1-A)); its limit at A = 1 is upper^u.
        const double log_load =
            std::abs(power) < 1e-9 ? u * log_upper : std::log1p(u * std::expm1(power * log_upper)) / power;
        load = std::exp(std::min(log_load, log_upper));
    }
    auto shares = inclusion_probabilities(loads, top_k);
    for (double& share : shares) share *= tokens;
    return shares;
}

std::vector<double> whole_loads(const std::vector<double>& loads, double total, double at_most, Rng rng) {
    struct Rest {
        double rest;
        std::uint64_t lot;
        std::size_t expert;
    };
    std::vector<double> whole(loads.size());
    std::vector<Rest> rests;
    double given = 0;
    for (std::size_t i = 0; i < loads.size(); ++i) {
        // Sums that should be whole may miss it by rounding.
        whole[i] = std::min(std::floor(loads[i] + 1e-9), at_most);
        given += whole[i];
        const std::uint64_t lot = rng.next();
        if (whole[i] + 0.5 < at_most) rests.push_back({loads[i] - whole[i], lot, i});
    }
    const double missing = std::clamp(std::round(total - given), 0.0, static_cast<double>(rests.size()));
    const auto last = rests.begin() + static_cast<std::ptrdiff_t>(missing);
    std::nth_element(rests.begin(), last, rests.end(), [](const Rest& a, const Rest& b) {
        // Remainders that differ only by rounding are equal.
        return std::abs(a.rest - b.rest) > 1e-9 ? a.rest > b.rest : a.lot > b.lot;
    });
    for (auto i = rests.begin(); i != last; ++i) whole[i->expert] += 1.0;
    return whole;
}

}  // namespace moeplan
