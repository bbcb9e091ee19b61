#pragma once
// Simulated time: whole picoseconds, so that sums are exact, order is certain, and many steps at once take precisely what
// they take one by one. 64 bits hold 106 days.

#include <cmath>
#include <cstdint>
#include <limits>

namespace moeplan {

using Ticks = std::int64_t;
constexpr Ticks kTicksPerSecond = 1'000'000'000'000;
constexpr Ticks kNever = std::numeric_limits<Ticks>::max();
constexpr double kLongestSimulation_s = 9.0e6;   // 104 days

// Rounded to the nearest tick; beyond the range: kNever.
inline Ticks to_ticks(double seconds) {
    const double ticks = seconds * static_cast<double>(kTicksPerSecond);
    if (!(ticks < 9.2e18)) return kNever;
    return static_cast<Ticks>(std::llround(ticks));
}
inline double to_seconds(Ticks ticks) { return static_cast<double>(ticks) / static_cast<double>(kTicksPerSecond); }

}  // namespace moeplan
