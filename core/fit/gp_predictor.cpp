#include "core/fit/gp_predictor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "core/base/require.h"
#include "core/fit/gp_lanes.h"
#include "core/fit/gp_neighbours.h"

namespace moeplan {
namespace {

using gp::kBlock;
using gp::kLanes;
using gp::kNeighbours;

constexpr float kNowhere = 1e18F;         // where points are that only fill up a vector: farther than any other
constexpr std::size_t kMostUsed = 64;     // features

std::size_t whole(std::size_t n, std::size_t of) { return (n + of - 1) / of * of; }

// Buffers of one prediction, kept by the thread that makes it.
struct Scratch {
    std::vector<double> squared, covariance, least;
    std::vector<double> order;
    std::vector<std::pair<double, std::size_t>> near;
};
Scratch& scratch() {
    thread_local Scratch s;
    return s;
}

// The points that may be among the nearest: all that are no farther than the kNeighbours-th smallest of disjoint groups' minima.
void collect_near(const std::vector<double>& squared, std::size_t n, Scratch& s) {
    s.near.clear();
    s.least.resize(squared.size() / kBlock * kLanes);
    gp::least_of_lanes(squared.data(), squared.size(), s.least.data());
    double limit = std::numeric_limits<double>::infinity();
    if (s.least.size() > kNeighbours) {
        s.order = s.least;
        const auto at = s.order.begin() + static_cast<std::ptrdiff_t>(kNeighbours - 1);
        std::nth_element(s.order.begin(), at, s.order.end());
        limit = *at;
    }
    for (std::size_t group = 0; group < s.least.size(); ++group) {
        if (s.least[group] > limit) continue;
        const std::size_t first = group / kLanes * kBlock + group % kLanes;
        for (std::size_t i = first; i < std::min(first + kBlock - group % kLanes, n); i += kLanes) {
            if (squared[i] <= limit) s.near.emplace_back(squared[i], i);
        }
    }
    gp::keep_nearest(s.near);
}

}  // namespace

GpPredictor::GpPredictor(const GpModel& model) : model_(&model) {
    for (std::size_t k = 0; k < model.features; ++k) {
        if (model.scale[k] > 0) used_.push_back(k);
    }
    require(used_.size() <= kMostUsed, "more features than a prediction has room for");
    padded_ = whole(model.size(), kBlock);
    points_.assign(used_.size() * padded_, kNowhere);
    for (std::size_t u = 0; u < used_.size(); ++u) {
        for (std::size_t i = 0; i < model.size(); ++i) points_[u * padded_ + i] = static_cast<float>(model.points[i * model.features + used_[u]]);
    }
    weights_ = model.weights;
    for (const double w : weights_) weight_sum_ += w;
    weights_.resize(padded_, 0.0);
}

void GpPredictor::place(std::span<const double> x, double* z) const {
    require(x.size() == model_->features, "as many features as the model has");
    for (std::size_t u = 0; u < used_.size(); ++u) z[u] = (x[used_[u]] - model_->centre[used_[u]]) / model_->scale[used_[u]];
}

double GpPredictor::mean_of(const std::vector<double>& covariances) const {
    return model_->offset + model_->signal * gp::dot(weights_.data(), covariances.data(), padded_) + model_->constant * weight_sum_;
}

double GpPredictor::mean(std::span<const double> x) const {
    std::array<double, kMostUsed> z;
    place(x, z.data());
    Scratch& s = scratch();
    s.covariance.resize(padded_);
    gp::squared_distances(points_.data(), used_.size(), padded_, z.data(), s.covariance.data());
    gp::matern_of(s.covariance.data(), padded_);
    return mean_of(s.covariance);
}

GpGuess GpPredictor::guess(std::span<const double> x) const {
    std::array<double, kMostUsed> z;
    place(x, z.data());
    Scratch& s = scratch();
    s.squared.resize(padded_);
    gp::squared_distances(points_.data(), used_.size(), padded_, z.data(), s.squared.data());
    s.covariance = s.squared;
    gp::matern_of(s.covariance.data(), padded_);
    collect_near(s.squared, model_->size(), s);
    GpGuess out;
    out.mean = mean_of(s.covariance);
    out.nearest = s.near.empty() ? 0 : std::sqrt(s.near.front().first);
    out.deviation = gp::local_deviation(*model_, s.near);
    return out;
}

}  // namespace moeplan
