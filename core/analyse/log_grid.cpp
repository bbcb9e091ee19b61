#include "core/analyse/log_grid.h"

#include <algorithm>
#include <cmath>

namespace moeplan {
namespace {

constexpr double kNothing = 1e-15;   // seconds: what zero is stored as

float log_of(double value) { return static_cast<float>(std::log(std::max(value, kNothing))); }

}  // namespace

std::size_t LogAxis::points() const {
    return most > 0 ? static_cast<std::size_t>(std::ceil(std::log2(1 + most) * per_octave)) + 1 : 1;
}

double LogAxis::size(std::size_t point) const { return std::exp2(static_cast<double>(point) / per_octave) - 1; }

Result<LogGrid> LogGrid::tabulate(const std::array<LogAxis, kAxes>& axes, const std::function<Result<Estimate>(const Sizes&)>& function) {
    LogGrid grid;
    grid.axes_ = axes;
    for (std::size_t a = 0; a < kAxes; ++a) grid.points_[a] = axes[a].points();
    grid.logs_.reserve(grid.points_[0] * grid.points_[1] * grid.points_[2]);
    for (std::size_t i = 0; i < grid.points_[0]; ++i) {
        for (std::size_t j = 0; j < grid.points_[1]; ++j) {
            for (std::size_t k = 0; k < grid.points_[2]; ++k) {
                const auto e = function({axes[0].size(i), axes[1].size(j), axes[2].size(k)});
                if (!e) return tl::unexpected(e.error());
                grid.logs_.push_back({log_of(e->value), log_of(e->low), log_of(e->high)});
            }
        }
    }
    return grid;
}

Estimate LogGrid::at(const Sizes& sizes) const {
    std::array<std::size_t, kAxes> cell{};
    std::array<double, kAxes> part{};
    for (std::size_t a = 0; a < kAxes; ++a) {
        if (points_[a] < 2) continue;
        const double u = std::log2(1 + std::max(sizes[a], 0.0)) * axes_[a].per_octave;
        cell[a] = std::min(static_cast<std::size_t>(u), points_[a] - 2);
        part[a] = u - static_cast<double>(cell[a]);
    }
    std::array<double, 3> sum{};
    for (std::size_t corner = 0; corner < 8; ++corner) {
        double weight = 1;
        std::size_t index = 0;
        for (std::size_t a = 0; a < kAxes; ++a) {
            const std::size_t up = corner >> a & 1u;
            weight *= points_[a] < 2 ? (up ? 0.0 : 1.0) : (up ? part[a] : 1 - part[a]);
            index = index * points_[a] + cell[a] + (points_[a] < 2 ? 0 : up);
        }
        if (weight == 0) continue;
        for (std::size_t v = 0; v < 3; ++v) sum[v] += weight * static_cast<double>(logs_[index][v]);
    }
    const auto back = [](double log) { return log <= std::log(2 * kNothing) ? 0.0 : std::exp(log); };
    return {back(sum[0]), back(sum[1]), back(sum[2])};
}

}  // namespace moeplan
