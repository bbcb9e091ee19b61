#pragma once
// Regression by a Gaussian process: Matern-3/2 with one length scale per feature, a constant and noise; scales by
// marginal likelihood. Noise is Student-t: points far off when left out count for less.
// Source: Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), eqs. 2.25, 2.26, 4.17, 5.9, 5.12.

#include <cstdint>
#include <span>
#include <vector>

namespace moeplan {

struct GpOptions {
    double noise_floor = 0.005;      // standard deviation that no measurement is better than
    std::size_t search_points = 500; // length scales are searched on so many points, then kept for all
    int evaluations = 60;            // of the marginal likelihood
    int robust_rounds = 2;           // passes that reweigh points far off
    std::uint64_t seed = 1;
};

// A fitted process, as plain values: all a prediction needs.
struct GpModel {
    std::size_t features = 0;
    std::vector<double> centre, scale;   // by feature: z = (x - centre) / scale; a scale of 0 leaves the feature out
    double offset = 0;                   // mean of y
    double signal = 0, constant = 0, noise = 0;   // variances
    std::vector<double> points;          // n rows of z
    std::vector<double> weights;         // n
    std::vector<double> extra_noise;     // n variances; 0 except for outliers
    std::size_t size() const { return weights.size(); }
    bool operator==(const GpModel&) const = default;
};

struct GpFit {
    GpModel model;
    std::vector<double> left_out;   // n: y minus what the fit without that point predicts
    // n: the same with the point's whole group left out. Empty when there are no groups.
    std::vector<double> group_left_out;
};

// `x`: n rows of `features` values; y: n. `groups` (n, or empty) are what group_left_out leaves out together.
// n >= 4; all finite. Same arguments, same bytes.
GpFit fit_gaussian_process(std::span<const double> x, std::size_t features, std::span<const double> y,
                           std::span<const std::int32_t> groups, const GpOptions& options);

struct GpGuess {
    double mean = 0;
    double deviation = 0;   // of a new measurement: kriging variance from the nearest points, plus noise
    double nearest = 0;     // distance to the nearest point in length scales
};

GpGuess guess(const GpModel& model, std::span<const double> x);
double gp_mean(const GpModel& model, std::span<const double> x);
// The deviation at fitted point i as if it (and, with groups, all of its group) had not been measured.
double left_out_deviation(const GpModel& model, std::size_t i, std::span<const std::int32_t> groups);

}  // namespace moeplan
