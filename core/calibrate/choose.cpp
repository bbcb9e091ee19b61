#include "core/calibrate/choose.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "core/calibrate/fitted_family.h"
#include "core/calibrate/physics.h"

namespace moeplan {
namespace {

using Spot = std::vector<double>;

double squared_distance(const Spot& a, const Spot& b) {
    double sum = 0;
    for (std::size_t k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
    return sum;
}

// Features of every candidate: all in length scales where there is a fit, sizes in standard deviations otherwise.
std::vector<Spot> places(const std::vector<OpKind>& candidates, const FittedFamily* fit) {
    std::vector<Spot> all;
    all.reserve(candidates.size());
    if (fit) {
        for (const OpKind& op : candidates) all.push_back(fit->place(op));
        return all;
    }
    const auto key = family_of_op(candidates.front());
    const FamilyPhysics* physics = key ? physics_of(key->family) : nullptr;
    if (!physics) return std::vector<Spot>(candidates.size(), Spot{0.0});
    const DeviceRates any{1e12, 1e15, 100};   // only shifts logarithms
    const std::vector<double> starts = starts_of(*physics);
    std::vector<double> features(physics->features.size());
    for (const OpKind& op : candidates) {
        physics->describe(op, any, starts, features);
        Spot place;
        for (const std::size_t k : physics->spread) place.push_back(features[k]);
        all.push_back(physics->spread.empty() ? features : std::move(place));
    }
    for (std::size_t k = 0; k < all.front().size(); ++k) {
        double sum = 0, squares = 0;
        for (const Spot& p : all) sum += p[k];
        const double mean = sum / static_cast<double>(all.size());
        for (const Spot& p : all) squares += (p[k] - mean) * (p[k] - mean);
        const double deviation = std::sqrt(squares / static_cast<double>(all.size()));
        for (Spot& p : all) p[k] = deviation > 1e-9 ? (p[k] - mean) / deviation : 0;
    }
    return all;
}

// How far each candidate is from the nearest chosen one; kept up to date as more are chosen.
class Distances {
public:
    Distances(const std::vector<Spot>& places, const std::vector<std::size_t>& taken)
        : places_(places), nearest_(places.size(), std::numeric_limits<double>::infinity()) {
        for (const std::size_t t : taken) take(t);
    }
    void take(std::size_t chosen) {
        for (std::size_t i = 0; i < places_.size(); ++i) nearest_[i] = std::min(nearest_[i], squared_distance(places_[i], places_[chosen]));
        nearest_[chosen] = -1;
    }
    double operator[](std::size_t i) const { return nearest_[i]; }

private:
    const std::vector<Spot>& places_;
    std::vector<double> nearest_;
};

}  // namespace

// Farthest-point choice covers the edges; every other pick is random, so that what is chosen also looks like what will be
// asked, and residuals left out tell the error honestly.
std::vector<std::size_t> choose_probes(const std::vector<OpKind>& candidates, const std::vector<std::size_t>& taken, const FittedFamily* fit,
                                       const std::vector<double>& weights, std::size_t count, std::uint64_t seed) {
    std::vector<std::size_t> chosen;
    if (candidates.empty()) return chosen;
    const std::vector<Spot> all = places(candidates, fit);
    Distances distance(all, taken);
    std::mt19937_64 random(seed);
    std::vector<double> doubt(candidates.size(), 1.0);
    if (fit) std::ranges::transform(candidates, doubt.begin(), [fit](const OpKind& op) { return fit->deviation(op); });
    const auto weight = [&weights](std::size_t i) { return weights.empty() ? 1.0 : weights[i]; };
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (distance[i] >= 0) left.push_back(i);
    }
    while (chosen.size() < count && !left.empty()) {
        std::size_t at = random() % left.size();
        const bool spread = chosen.size() % 2 == 0 && !(chosen.empty() && taken.empty());
        if (spread || fit) {
            double best = -1;
            for (std::size_t j = 0; j < left.size(); ++j) {
                const std::size_t i = left[j];
                // With a fit: uncertainty, shrunk near what this batch asks already. Without: distance alone.
                const double gap = std::min(distance[i], 1e12);
                const double value = weight(i) * (fit ? doubt[i] * (1 - std::exp(-gap)) : std::sqrt(gap));
                if (value > best) {
                    best = value;
                    at = j;
                }
            }
        }
        const std::size_t pick = left[at];
        chosen.push_back(pick);
        distance.take(pick);
        left[at] = left.back();
        left.pop_back();
    }
    return chosen;
}

}  // namespace moeplan
