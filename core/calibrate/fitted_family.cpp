#include "core/calibrate/fitted_family.h"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace moeplan {
namespace {

// Beyond twice (or below half) of what was measured, an input counts as outside.
constexpr double kMargin = 0.7;

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
    return prior_seconds(op) * std::exp(inherited(x) + correction_.mean(x));
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
    const double middle = prior_seconds(op) * std::exp(inherited(x) + g.mean);
    const bool seen = std::ranges::binary_search(state_.shapes, physics_->shape(op));
    const double low = seen ? state_.quantile_low : state_.unseen_low;
    const double high = seen ? state_.quantile_high : state_.unseen_high;
    Prediction p{middle, middle * std::exp(low * g.deviation), middle * std::exp(high * g.deviation), false};
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
    const double seconds = device * std::pow(whole.seconds / prior, share);
    // As unsure as the whole: that the device's part could not be seen behind its host makes it no surer.
    return {seconds, seconds * whole.low / whole.seconds, seconds * whole.high / whole.seconds, whole.outside};
}

}  // namespace moeplan
