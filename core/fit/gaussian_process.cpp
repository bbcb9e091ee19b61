#include "core/fit/gaussian_process.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

#include "core/base/require.h"
#include "core/base/upper_median.h"
#include "core/fit/gp_neighbours.h"
#include "core/fit/gp_search.h"

namespace moeplan {
namespace {

constexpr double kFreedom = 2.0;            // of the Student-t noise
constexpr double kWild = 4.0;               // deviations, left out, beyond which a point is believed to be noise

// Centre and standard deviation by feature; deviation 0 marks a feature that never varies.
void standardise(std::span<const double> x, std::size_t d, GpModel& model) {
    const std::size_t n = x.size() / d;
    model.centre.assign(d, 0);
    model.scale.assign(d, 0);
    for (std::size_t k = 0; k < d; ++k) {
        double sum = 0, squares = 0;
        for (std::size_t i = 0; i < n; ++i) sum += x[i * d + k];
        const double mean = sum / static_cast<double>(n);
        for (std::size_t i = 0; i < n; ++i) squares += (x[i * d + k] - mean) * (x[i * d + k] - mean);
        const double deviation = std::sqrt(squares / static_cast<double>(n));
        model.centre[k] = mean;
        model.scale[k] = deviation > 1e-6 ? deviation : 0;
    }
}

// Rows of z, the features left out dropped: n x used.
Eigen::MatrixXd used_rows(std::span<const double> x, const GpModel& model) {
    const std::size_t d = model.features;
    const auto n = static_cast<Eigen::Index>(x.size() / d);
    std::vector<std::size_t> used;
    for (std::size_t k = 0; k < d; ++k) {
        if (model.scale[k] > 0) used.push_back(k);
    }
    Eigen::MatrixXd z(n, static_cast<Eigen::Index>(used.size()));
    for (Eigen::Index i = 0; i < n; ++i) {
        for (std::size_t u = 0; u < used.size(); ++u) {
            const std::size_t k = used[u];
            z(i, static_cast<Eigen::Index>(u)) = (x[static_cast<std::size_t>(i) * d + k] - model.centre[k]) / model.scale[k];
        }
    }
    return z;
}

std::vector<Eigen::Index> sample(Eigen::Index n, std::size_t count, std::uint64_t seed) {
    std::vector<Eigen::Index> all(static_cast<std::size_t>(n));
    std::iota(all.begin(), all.end(), Eigen::Index{0});
    if (all.size() <= count) return all;
    std::mt19937_64 random(seed);
    for (std::size_t i = 0; i < count; ++i) std::swap(all[i], all[i + random() % (all.size() - i)]);
    all.resize(count);
    std::sort(all.begin(), all.end());
    return all;
}

struct Solved {
    Eigen::VectorXd weights;
    Eigen::MatrixXd inverse;
};

Solved solve(const Eigen::MatrixXd& smooth, const Eigen::VectorXd& y, double noise, const std::vector<double>& extra) {
    Eigen::MatrixXd c = smooth;
    for (Eigen::Index i = 0; i < c.rows(); ++i) c(i, i) += noise + extra[static_cast<std::size_t>(i)];
    const Eigen::LLT<Eigen::MatrixXd> factor(c);
    require(factor.info() == Eigen::Success, "a covariance with noise on its diagonal is positive definite");
    return {factor.solve(y), factor.solve(Eigen::MatrixXd::Identity(c.rows(), c.cols()))};
}

// Source: Rasmussen and Williams, eq. 5.12.
std::vector<double> left_out(const Solved& solved) {
    std::vector<double> residual(static_cast<std::size_t>(solved.weights.size()));
    for (std::size_t i = 0; i < residual.size(); ++i) {
        const auto at = static_cast<Eigen::Index>(i);
        residual[i] = solved.weights[at] / solved.inverse(at, at);
    }
    return residual;
}

// Extra noise of each point from how far off it is when left out, against what ordinary noise would allow.
void reweigh(const Solved& solved, const std::vector<double>& residual, double noise, std::vector<double>& extra) {
    for (std::size_t i = 0; i < residual.size(); ++i) {
        const auto at = static_cast<Eigen::Index>(i);
        const double variance = std::max(1.0 / solved.inverse(at, at) - noise - extra[i], 0.0) + noise;
        const double factor = (kFreedom + residual[i] * residual[i] / variance) / (kFreedom + 1);
        extra[i] = noise * (std::max(factor, 1.0) - 1.0);
        // Where there are few neighbours a smooth bend explains anything, and ordinary noise times any factor stays small
        // beside it. What is that far off gets all of what is unexplained as noise.
        const double squared = residual[i] * residual[i];
        if (squared > kWild * kWild * variance) extra[i] = std::max(extra[i], squared - variance);
    }
}

// The same for a block: residual = (inverse of the block of the inverse) * weights of the block.
std::vector<double> groups_left_out(const Solved& solved, std::span<const std::int32_t> groups) {
    std::vector<double> residual(groups.size());
    std::map<std::int32_t, std::vector<Eigen::Index>> members;
    for (std::size_t i = 0; i < groups.size(); ++i) members[groups[i]].push_back(static_cast<Eigen::Index>(i));
    for (const auto& [group, rows] : members) {
        const Eigen::MatrixXd block = solved.inverse(rows, rows);
        const Eigen::VectorXd weights = solved.weights(rows);
        const Eigen::VectorXd out = block.llt().solve(weights);
        for (std::size_t i = 0; i < rows.size(); ++i) residual[static_cast<std::size_t>(rows[i])] = out[static_cast<Eigen::Index>(i)];
    }
    return residual;
}

double squared_distance(const double* a, const double* b, std::size_t d) {
    double sum = 0;
    for (std::size_t k = 0; k < d; ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
    return sum;
}

std::vector<double> scaled(const GpModel& model, std::span<const double> x) {
    std::vector<double> z(model.features);
    for (std::size_t k = 0; k < z.size(); ++k) z[k] = model.scale[k] > 0 ? (x[k] - model.centre[k]) / model.scale[k] : 0;
    return z;
}

// Folds length scales into the model's scale and stores the scaled points.
void store_points(std::span<const double> x, const gp::Scales& scales, GpModel& model) {
    std::size_t used = 0;
    for (double& scale : model.scale) {
        if (scale > 0) scale *= std::exp(scales.length[used++]);
    }
    const std::size_t n = x.size() / model.features;
    model.points.reserve(x.size());
    for (std::size_t i = 0; i < n; ++i) {
        const auto z = scaled(model, x.subspan(i * model.features, model.features));
        model.points.insert(model.points.end(), z.begin(), z.end());
    }
}

// What is stored has the precision of a float, so that a model written to a file and read back is the same.
void to_single_precision(std::vector<double>& values) {
    for (double& v : values) v = static_cast<double>(static_cast<float>(v));
}

}  // namespace

GpFit fit_gaussian_process(std::span<const double> x, std::size_t features, std::span<const double> y,
                           std::span<const std::int32_t> groups, const GpOptions& options) {
    require(features > 0 && x.size() == features * y.size() && y.size() >= 4, "a row of features for every value, four at least");
    require(groups.empty() || groups.size() == y.size(), "a group for every value, or none");
    GpFit fit;
    GpModel& model = fit.model;
    model.features = features;
    standardise(x, features, model);
    Eigen::MatrixXd z = used_rows(x, model);
    model.offset = upper_median({y.begin(), y.end()});
    const Eigen::VectorXd centred = Eigen::Map<const Eigen::VectorXd>(y.data(), static_cast<Eigen::Index>(y.size())).array() - model.offset;

    // Kernels that ran another way would shorten every scale. Their noise is enlarged as a Student-t of few degrees of
    // freedom would (iteratively reweighted; Lange, Little and Taylor, JASA 84, 1989), then the search starts anew.
    std::vector<double> extra(y.size(), 0.0);
    gp::Scales scales;
    Solved solved;
    for (int round = 0; round <= options.robust_rounds; ++round) {
        const std::vector<Eigen::Index> rows = sample(z.rows(), options.search_points, options.seed);
        Eigen::VectorXd extra_here(static_cast<Eigen::Index>(rows.size()));
        for (std::size_t i = 0; i < rows.size(); ++i) extra_here[static_cast<Eigen::Index>(i)] = extra[static_cast<std::size_t>(rows[i])];
        scales = gp::search_scales(z(rows, Eigen::all), centred(rows), extra_here, options);
        Eigen::MatrixXd by_length = z;
        for (Eigen::Index k = 0; k < z.cols(); ++k) by_length.col(k) *= std::exp(-scales.length[static_cast<std::size_t>(k)]);
        model.signal = std::exp(scales.signal);
        model.constant = std::exp(scales.constant);
        model.noise = std::exp(scales.noise) + options.noise_floor * options.noise_floor;
        solved = solve(gp::covariance(by_length, model.signal, model.constant), centred, model.noise, extra);
        fit.left_out = left_out(solved);
        if (round < options.robust_rounds) reweigh(solved, fit.left_out, model.noise, extra);
    }
    if (!groups.empty()) fit.group_left_out = groups_left_out(solved, groups);
    store_points(x, scales, model);
    model.weights.assign(solved.weights.begin(), solved.weights.end());
    model.extra_noise = extra;
    for (auto* values : {&model.points, &model.weights, &model.extra_noise}) to_single_precision(*values);
    return fit;
}

double gp_mean(const GpModel& model, std::span<const double> x) {
    const auto z = scaled(model, x);
    double mean = model.offset;
    for (std::size_t i = 0; i < model.size(); ++i) {
        const double near = squared_distance(z.data(), &model.points[i * model.features], model.features);
        mean += model.weights[i] * (model.signal * gp::matern(near) + model.constant);
    }
    return mean;
}

GpGuess guess(const GpModel& model, std::span<const double> x) {
    require(x.size() == model.features, "as many features as the model has");
    const auto z = scaled(model, x);
    GpGuess out;
    out.mean = model.offset;
    gp::Near near(model.size());
    for (std::size_t i = 0; i < model.size(); ++i) {
        near[i] = {squared_distance(z.data(), &model.points[i * model.features], model.features), i};
        out.mean += model.weights[i] * (model.signal * gp::matern(near[i].first) + model.constant);
    }
    gp::keep_nearest(near);
    out.nearest = near.empty() ? 0 : std::sqrt(near.front().first);
    out.deviation = gp::local_deviation(model, near);
    return out;
}

double left_out_deviation(const GpModel& model, std::size_t i, std::span<const std::int32_t> groups) {
    gp::Near near;
    near.reserve(model.size());
    const double* z = &model.points[i * model.features];
    for (std::size_t j = 0; j < model.size(); ++j) {
        if (j == i || (!groups.empty() && groups[j] == groups[i])) continue;
        near.emplace_back(squared_distance(z, &model.points[j * model.features], model.features), j);
    }
    gp::keep_nearest(near);
    return gp::local_deviation(model, near);
}

}  // namespace moeplan
