#include <algorithm>
#include <chrono>
#include <cmath>

#include "gpu/protocol/median.h"
#include "gpu/protocol/protocol.h"

namespace moeplan {
namespace {

bool usable(double seconds) { return std::isfinite(seconds) && seconds > 0; }

// A run this much faster than the best before it means caches, clocks and pages are still settling.
constexpr double kStillWarming = 0.98;

class Clock {
public:
    double elapsed() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// The last usable time, or 0.
double warm_up(const ProbeLimits& limits, const Clock& clock, const std::function<double()>& run_once) {
    double best = 0, last = 0;
    for (bool more = true; more;) {
        const double seconds = run_once();
        more = !usable(seconds) ? false : best == 0 || seconds < kStillWarming * best;
        if (usable(seconds)) {
            last = seconds;
            best = best == 0 ? seconds : std::min(best, seconds);
        }
        more = more && clock.elapsed() < limits.seconds / 10;
    }
    return last;
}

}  // namespace

std::vector<double> sample_until(const ProbeLimits& limits, const std::function<double()>& run_once) {
    const Clock clock;
    const double warm = warm_up(limits, clock, run_once);
    std::vector<double> samples;
    if (clock.elapsed() >= limits.seconds && warm > 0) return {warm * 1e6};
    std::size_t look_next = 6;   // looking sorts, so it is done ever more seldom
    for (std::int64_t runs = 0; runs < limits.samples; ++runs) {
        if (const double seconds = run_once(); usable(seconds)) samples.push_back(seconds * 1e6);
        if (clock.elapsed() >= limits.seconds) break;
        if (samples.size() < look_next) continue;
        if (median_interval(samples)->relative_half_width() <= limits.error) break;
        look_next = samples.size() + 1 + samples.size() / 10;
    }
    return samples;
}

}  // namespace moeplan
