#include "core/calibrate/fitted_family.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "core/calibrate/profile_bounds.h"

namespace moeplan {
namespace {

// Beyond twice (or below half) of what was measured, an input counts as outside.
constexpr double kMargin = 0.7;

// What an interval's end may be away, in logarithms.
constexpr double kWidest = 100;
// What is less or more than any kernel took is a fit gone wild; it stays a time that can be reckoned with.
constexpr double kLeastSeconds = 1e-18, kMostSeconds = 1e18;

// `otherwise` where `value` is no number.
double within(double value, double least, double most, double otherwise) {
    return std::isnan(value) ? otherwise : std::clamp(value, least, most);
}
double factor(double correction) { return std::exp(within(correction, -kMostCorrection, kMostCorrection, 0)); }
double possible(double seconds) { return within(seconds, kLeastSeconds, kMostSeconds, kMostSeconds); }

// `multiple` deviations below or above.
double below(double multiple, double deviation) { return std::exp(within(multiple * deviation, -kWidest, 0, -kWidest)); }
double above(double multiple, double deviation) { return std::exp(within(multiple * deviation, 0, kWidest, kWidest)); }

std::uint64_t next_id() {
    static std::atomic<std::uint64_t> ids{0};
    return ids.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

FittedFamily::FittedFamily(const FamilyPhysics& physics, State state) : id_(next_id()), physics_(&physics), state_(std::move(state)), correction_(state_.correction) {
    for (const GpModel& m : state_.inherited) inherited_.emplace_back(m);
}

std::vector<double> FittedFamily::features(const OpKind& op) const {
    std::vector<double> x(physics_->features.size());
    physics_->describe(op, state_.rates, state_.theta, x);
    return x;
}

double FittedFamily::prior_seconds(const OpKind& op) const { return physics_->prior(op, state_.rates, state_.theta); }

double FittedFamily::parameter(std::string_view name) const {
    const auto place = parameter_place(*physics_, name);
    return place ? state_.theta[*place] : 0;
}

double FittedFamily::inherited(const std::vector<double>& features) const {
    double sum = 0;
    for (const GpPredictor& p : inherited_) sum += p.mean(features);
    return sum;
}

double FittedFamily::seconds(const OpKind& op) const {
    const std::vector<double> x = features(op);
    return possible(prior_seconds(op) * factor(inherited(x) + correction_.mean(x)));
}

double FittedFamily::deviation(const OpKind& op) const { return correction_.guess(features(op)).deviation; }

std::vector<double> FittedFamily::place(const OpKind& op) const {
    std::vector<double> x = features(op);
    const GpModel& m = state_.correction;
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = m.scale[k] > 0 ? (x[k] - m.centre[k]) / m.scale[k] : 0;
    return x;
}

Prediction FittedFamily::predict(const OpKind& op) const {
    const std::vector<double> x = features(op);
    const GpGuess g = correction_.guess(x);
    const double middle = possible(prior_seconds(op) * factor(inherited(x) + g.mean));
    const bool seen = std::ranges::binary_search(state_.shapes, physics_->shape(op));
    const double low = seen ? state_.quantile_low : state_.unseen_low;
    const double high = seen ? state_.quantile_high : state_.unseen_high;
    Prediction p{middle, middle * below(low, g.deviation), middle * above(high, g.deviation), false};
    for (std::size_t k = 0; k < x.size(); ++k) {
        if (x[k] < state_.lowest[k] - kMargin || x[k] > state_.highest[k] + kMargin) p.outside = true;
    }
    return p;
}

Prediction FittedFamily::predict_in_graph(const OpKind& op) const {
    const Prediction whole = predict(op);
    if (!physics_->device_prior) return whole;
    const double device = physics_->device_prior(op, state_.rates, state_.theta);
    const double prior = prior_seconds(op);
    const double share = std::pow(std::min(device / prior, 1.0), 6);
    const double seconds = possible(device * std::pow(whole.seconds / prior, share));
    // As unsure as the whole: that the device's part could not be seen behind its host makes it no surer.
    return {seconds, seconds * whole.low / whole.seconds, seconds * whole.high / whole.seconds, whole.outside};
}

}  // namespace moeplan
