#pragma once
// One family and number format, fitted: prior x exp(Gaussian process), with intervals that held on measurements
// left out. docs/calibration.md, "The fit".

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/calibrate/physics.h"
#include "core/calibrate/profile.h"
#include "core/fit/gaussian_process.h"
#include "core/fit/gp_predictor.h"

namespace moeplan {

class FittedFamily {
public:
    // Plain values: what a profile file stores.
    struct State {
        DeviceRates rates;
        std::vector<double> theta;            // of the prior
        std::vector<GpModel> inherited;       // another device's corrections (transfer), added up; usually none
        GpModel correction;                   // of log(time / prior), less what is inherited
        double quantile_low = -1.645, quantile_high = 1.645;   // of left-out residuals over their deviation
        double unseen_low = -1.645, unseen_high = 1.645;       // the same for shapes never measured
        std::vector<std::string> shapes;      // measured ones, sorted
        std::vector<double> lowest, highest;  // of every feature, over what was fitted
    };
    FittedFamily(const FamilyPhysics& physics, State state);
    FittedFamily(const FittedFamily&) = delete;   // predictors point into the state
    FittedFamily& operator=(const FittedFamily&) = delete;

    // As it was measured. A positive finite time between its ends, however wild the fit is.
    Prediction predict(const OpKind& op) const;
    // Inside a captured graph: without the host's time where the measurement had it. The correction, learnt on the whole,
    // counts by the device's share of it.
    Prediction predict_in_graph(const OpKind& op) const;
    // The central time alone: an order of magnitude cheaper.
    double seconds(const OpKind& op) const;
    double prior_seconds(const OpKind& op) const;
    // Of the prior, by name; 0 where it has none of that name.
    double parameter(std::string_view name) const;
    // Predicted relative standard deviation, for choosing what to measure next.
    double deviation(const OpKind& op) const;

    // No two in a process have the same: what remembers predictions may outlive a fit.
    std::uint64_t id() const { return id_; }
    const FamilyPhysics& physics() const { return *physics_; }
    const State& state() const { return state_; }
    // Features of an op in this fit's standardised space divided by length scales: what "near" means to it.
    std::vector<double> place(const OpKind& op) const;

private:
    std::vector<double> features(const OpKind& op) const;
    double inherited(const std::vector<double>& features) const;

    std::uint64_t id_;
    const FamilyPhysics* physics_;
    State state_;
    std::vector<GpPredictor> inherited_;   // of state_.inherited
    GpPredictor correction_;
};

struct FamilyFitOptions {
    std::uint64_t seed = 1;
    const FittedFamily* prior = nullptr;   // of another device: its correction is added before fitting what is left
    std::map<std::string, double> known = {};   // parameters of the prior that are not fitted, by name
};

// `rows` of one family and format, 8 at least. The prior's parameters by robust least squares of log time, then the
// correction by marginal likelihood, then interval quantiles from leave-one-out and leave-shape-out residuals.
std::shared_ptr<const FittedFamily> fit_family(const FamilyPhysics& physics, const DeviceRates& rates,
                                               const std::vector<Measurement>& rows, const FamilyFitOptions& options);

constexpr std::size_t kFewestRows = 8;

}  // namespace moeplan
