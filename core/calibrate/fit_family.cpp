// fit_family(): prior by robust least squares, correction by a Gaussian process, quantiles by leaving out.

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "core/base/require.h"
#include "core/calibrate/fit_prior.h"
#include "core/calibrate/fitted_family.h"
#include "core/calibrate/profile_bounds.h"

namespace moeplan {
namespace {

// On either side of a 90 % interval. A little outside 5 %, since the length scales were chosen with the left-out row in sight.
constexpr double kTail = 0.036;
constexpr double kNormal = 1.645;
// So few left-out rows say little of their tails: then the interval is no narrower than a normal one.
constexpr std::size_t kFewTold = 100;
// Fewer are left out one by one, more in five parts.
constexpr std::size_t kEachByItself = 20, kFolds = 5;
constexpr double kMoreBySquare = 60;
// An interval of more deviations than this says that the deviation is too small.
constexpr double kMostOfFew = 20;
constexpr double kMoreNoise = 4;

struct Shapes {
    std::vector<std::string> names;        // sorted
    std::vector<std::int32_t> of_row;
};

Shapes shapes_of(const FamilyPhysics& physics, const std::vector<Measurement>& rows) {
    std::map<std::string, std::int32_t> number;
    for (const Measurement& row : rows) number.emplace(physics.shape(row.op), 0);
    Shapes shapes;
    for (auto& [name, index] : number) {
        index = static_cast<std::int32_t>(shapes.names.size());
        shapes.names.push_back(name);
    }
    for (const Measurement& row : rows) shapes.of_row.push_back(number[physics.shape(row.op)]);
    return shapes;
}

double quantile(std::vector<double> v, double share) {
    std::ranges::sort(v);
    // (n + 1) share, the rank that makes the interval hold for the next one too (conformal prediction; Vovk et al. 2005).
    const double rank = share * static_cast<double>(v.size() + 1) - 1;
    const double at = std::clamp(rank, 0.0, static_cast<double>(v.size() - 1));
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, v.size() - 1);
    return v[below] + (at - static_cast<double>(below)) * (v[above] - v[below]);
}

// Of left-out residuals over their deviation, among representative rows; `groups` given, with the whole shape left out.
std::pair<double, double> tails(const GpFit& fit, const std::vector<Measurement>& rows, std::span<const std::int32_t> groups) {
    const std::vector<double>& residual = groups.empty() ? fit.left_out : fit.group_left_out;
    std::vector<double> scaled;
    for (std::size_t i = 0; i < residual.size(); ++i) {
        if (rows[i].representative) scaled.push_back(residual[i] / left_out_deviation(fit.model, i, groups));
    }
    if (scaled.size() < kFewestRows) return {-kNormal, kNormal};
    const double least = scaled.size() < kFewTold ? kNormal : 1e-3;
    return {std::min(quantile(scaled, kTail), -least), std::max(quantile(scaled, 1 - kTail), least)};
}

void set_quantiles(const GpFit& fit, const std::vector<Measurement>& rows, const std::vector<std::int32_t>& groups, FittedFamily::State& state) {
    std::tie(state.quantile_low, state.quantile_high) = tails(fit, rows, {});
    state.unseen_low = state.quantile_low;
    state.unseen_high = state.quantile_high;
    if (std::ranges::all_of(groups, [&groups](std::int32_t g) { return g == groups.front(); })) return;
    const auto [low, high] = tails(fit, rows, groups);
    state.unseen_low = std::min(low, state.quantile_low);
    state.unseen_high = std::max(high, state.quantile_high);
}

// Everything but the quantiles.
struct Fitting {
    FittedFamily::State state;
    GpFit correction;
    std::vector<std::int32_t> shape_of_row;
};

Fitting fitting_of(const FamilyPhysics& physics, const DeviceRates& rates, const std::vector<Measurement>& rows, const FamilyFitOptions& options) {
    Fitting made;
    FittedFamily::State& state = made.state;
    state.rates = rates;
    const std::size_t d = physics.features.size();
    std::vector<double> x(rows.size() * d);
    const auto features_of = [&](std::size_t i) { return std::span<double>(&x[i * d], d); };
    const auto describe_all = [&](const std::vector<double>& built) {
        for (std::size_t i = 0; i < rows.size(); ++i) physics.describe(rows[i].op, rates, built, features_of(i));
    };
    std::vector<double> inherited(rows.size());
    std::map<std::string, double> known = options.known;
    if (options.prior) {
        const FittedFamily::State& other = options.prior->state();
        state.inherited = other.inherited;
        state.inherited.push_back(other.correction);
        describe_all(other.theta);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            for (const GpModel& m : state.inherited) inherited[i] += gp_mean(m, features_of(i));
        }
        // What was learnt there is of kernels built so.
        for (std::size_t k = 0; k < other.theta.size(); ++k) {
            if (!physics.parameters[k].choices.empty()) known.emplace(physics.parameters[k].name, other.theta[k]);
        }
    }
    state.theta = fit_prior(physics, rates, rows, inherited, known);
    describe_all(state.theta);
    state.lowest.assign(d, std::numeric_limits<double>::infinity());
    state.highest.assign(d, -std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t k = 0; k < d; ++k) {
            state.lowest[k] = std::min(state.lowest[k], features_of(i)[k]);
            state.highest[k] = std::max(state.highest[k], features_of(i)[k]);
        }
    }
    std::vector<double> y(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        y[i] = std::log(rows[i].seconds / physics.prior(rows[i].op, rates, state.theta)) - inherited[i];
    }
    GpOptions gp;
    gp.seed = options.seed;
    Shapes shapes = shapes_of(physics, rows);
    made.correction = fit_gaussian_process(x, d, y, shapes.of_row, gp);
    state.correction = made.correction.model;
    state.shapes = std::move(shapes.names);
    made.shape_of_row = std::move(shapes.of_row);
    return made;
}

// ln(measured / predicted) of every row by a fit that has not seen it.
std::vector<double> left_out_of_all(const FamilyPhysics& physics, const DeviceRates& rates, const std::vector<Measurement>& rows, const FamilyFitOptions& options) {
    const std::size_t folds = rows.size() < kEachByItself ? rows.size() : kFolds;
    std::vector<double> left_out(rows.size());
    for (std::size_t fold = 0; fold < folds; ++fold) {
        std::vector<Measurement> seen;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (i % folds != fold) seen.push_back(rows[i]);
        }
        const FittedFamily without(physics, fitting_of(physics, rates, seen, options).state);
        for (std::size_t i = fold; i < rows.size(); i += folds) left_out[i] = std::log(rows[i].seconds / without.predict(rows[i].op).seconds);
    }
    return left_out;
}

// So few rows that the prior's parameters alone can follow them: what the correction has left to explain is no error to expect of the
// next row, and the interval is made of what the whole fit missed. The more of them there are the less is added for those to come.
void widen_for_few(const std::vector<double>& left_out, const GpModel& model, FittedFamily::State& state) {
    std::vector<double> scaled;
    for (std::size_t i = 0; i < left_out.size(); ++i) scaled.push_back(left_out[i] / left_out_deviation(model, i, {}));
    const auto n = static_cast<double>(left_out.size());
    const double more = 1 + kMoreBySquare / (n * n);
    state.quantile_low = std::min(state.quantile_low, more * quantile(scaled, 0.05));
    state.quantile_high = std::max(state.quantile_high, more * quantile(scaled, 0.95));
    state.unseen_low = std::min(state.unseen_low, state.quantile_low);
    state.unseen_high = std::max(state.unseen_high, state.quantile_high);
}

double widest(const FittedFamily::State& s) { return std::max({-s.quantile_low, s.quantile_high, -s.unseen_low, s.unseen_high}); }

// Rows that the prior follows closely leave the correction a deviation of next to nothing, and what a fit without them missed would be
// hundreds of those. The noise is raised then, which moves no prediction: an interval stays some deviations wide.
void set_interval(const FamilyPhysics& physics, const DeviceRates& rates, const std::vector<Measurement>& rows, const FamilyFitOptions& options, Fitting& made) {
    const bool few = rows.size() < kFewTold;
    const std::vector<double> left_out = few ? left_out_of_all(physics, rates, rows, options) : std::vector<double>{};
    GpModel& model = made.correction.model;
    for (;;) {
        set_quantiles(made.correction, rows, made.shape_of_row, made.state);
        if (few) widen_for_few(left_out, model, made.state);
        if (!(widest(made.state) > (few ? kMostOfFew : kMostMultiple)) || model.noise * kMoreNoise > kMostVariance) break;
        model.noise *= kMoreNoise;
    }
    made.state.correction.noise = model.noise;
}

}  // namespace

std::shared_ptr<const FittedFamily> fit_family(const FamilyPhysics& physics, const DeviceRates& rates,
                                               const std::vector<Measurement>& rows, const FamilyFitOptions& options) {
    require(rows.size() >= kFewestRows, "fit_family: too few rows");
    Fitting made = fitting_of(physics, rates, rows, options);
    set_interval(physics, rates, rows, options, made);
    return std::make_shared<FittedFamily>(physics, std::move(made.state));
}

}  // namespace moeplan
