#include "sim/experts/timeline.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace moeplan {
namespace {

constexpr Picoseconds kNever = std::numeric_limits<Picoseconds>::max();
constexpr double kLongest_s = 9.0e6;   // what 64 bits hold

Picoseconds whole(Seconds time) {
    return static_cast<Picoseconds>(std::llround(std::clamp(time.value, 0.0, kLongest_s) * kPicosecondsPerSecond));
}

}  // namespace

Timeline::Timeline(const std::optional<DriftSpec>& drift, const std::optional<RebalanceSpec>& rebalance,
                   Seconds horizon)
    : horizon_(whole(horizon)) {
    if (drift) drift_ = std::max<Picoseconds>(1, whole(drift->every));
    if (rebalance) rebalance_ = std::max<Picoseconds>(1, whole(rebalance->every));
}

double Timeline::count(Picoseconds every) const {
    return every > 0 && horizon_ > 0 ? static_cast<double>((horizon_ - 1) / every) : 0;
}

std::vector<Change> Timeline::changes() const {
    std::vector<Change> all;
    const auto first = [&](Picoseconds every) { return every > 0 && every < horizon_ ? every : kNever; };
    const auto next = [&](Picoseconds at, Picoseconds every) { return at < horizon_ - every ? at + every : kNever; };
    Picoseconds drift = first(drift_), rebalance = first(rebalance_);
    while (drift != kNever || rebalance != kNever) {
        Change change{std::min(drift, rebalance), drift <= rebalance, rebalance <= drift};
        if (change.drifts) drift = next(drift, drift_);
        if (change.rebalances) rebalance = next(rebalance, rebalance_);
        all.push_back(change);
    }
    return all;
}

}  // namespace moeplan
