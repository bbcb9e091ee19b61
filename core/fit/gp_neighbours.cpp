#include "core/fit/gp_neighbours.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/require.h"
#include "core/fit/gp_lanes.h"

namespace moeplan::gp {
namespace {

static_assert(kNeighbours < kRow && kRow % kLanes == 0);
constexpr std::size_t kMostFeatures = 64;

// Their coordinates, feature by feature; features that never vary left out. Returns how many there are.
std::size_t gather(const GpModel& model, const Near& near, double* at) {
    std::size_t used = 0;
    for (std::size_t k = 0; k < model.features; ++k) {
        if (!(model.scale[k] > 0)) continue;
        for (std::size_t i = 0; i < near.size(); ++i) at[used * kRow + i] = model.points[near[i].second * model.features + k];
        for (std::size_t i = near.size(); i < kRow; ++i) at[used * kRow + i] = 0;
        ++used;
    }
    return used;
}

}  // namespace

void keep_nearest(Near& all) {
    const std::size_t m = std::min(kNeighbours, all.size());
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(m), all.end());
    all.resize(m);
}

double local_deviation(const GpModel& model, const Near& near) {
    const std::size_t m = near.size();
    require(m <= kNeighbours && model.features <= kMostFeatures, "local_deviation: too many points or features");
    std::array<double, kMostFeatures * kRow> at;
    const std::size_t used = gather(model, near, at.data());
    std::array<double, kNeighbours * kRow> rows{};
    distances_between(at.data(), used, m, rows.data());
    for (std::size_t i = 0; i < m; ++i) rows[i * kRow + kRow - 1] = near[i].first;
    matern_of(rows.data(), m * kRow);
    for (double& r : rows) r = model.signal * r + model.constant;
    for (std::size_t i = 0; i < m; ++i) rows[i * kRow + i] += model.noise + model.extra_noise[near[i].second];
    const double explained = quadratic_form(rows.data(), m);
    return std::sqrt(std::max(model.signal + model.constant - explained, 0.0) + model.noise);
}

}  // namespace moeplan::gp
