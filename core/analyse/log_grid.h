#pragma once
// A positive function of up to three sizes, tabulated on axes that are even in log2(1 + size) and interpolated linearly in
// logarithms: nanoseconds a look-up, exact for power laws.

#include <array>
#include <cstddef>
#include <functional>
#include <vector>

#include "core/base/estimate.h"
#include "core/base/result.h"

namespace moeplan {

struct LogAxis {
    double most = 1;         // sizes 0 … most; beyond it the last slope goes on
    double per_octave = 2;   // points
    std::size_t points() const;
    double size(std::size_t point) const;
};

class LogGrid {
public:
    static constexpr std::size_t kAxes = 3;
    using Sizes = std::array<double, kAxes>;

    LogGrid() = default;
    // Unused axes have most 0. Errors: the function's, at the first point that has one.
    static Result<LogGrid> tabulate(const std::array<LogAxis, kAxes>& axes, const std::function<Result<Estimate>(const Sizes&)>& function);

    // Zero where the function is (all corners).
    Estimate at(const Sizes& sizes) const;

private:
    std::array<LogAxis, kAxes> axes_{};
    std::array<std::size_t, kAxes> points_{1, 1, 1};
    std::vector<std::array<float, 3>> logs_;   // of value, low, high
};

}  // namespace moeplan
