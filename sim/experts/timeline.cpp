#include "sim/experts/timeline.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace moeplan {
namespace {

constexpr Picoseconds kNever = std::numeric_limits<Picoseconds>::max();
constexpr double kLongest_s = 9.0e6;   // what 64 bits hold

Picoseconds whole(Seconds time) { return static_cast<Picoseconds>(std::llround(std::clamp(time.value, 0.0, kLongest_s) * kPicosecondsPerSecond)); }

}  // namespace

Timeline::Timeline(const std::optional<DriftSpec>& drift, const std::optional<RebalanceSpec>& rebalance, Seconds horizon) : horizon_(whole(horizon)) {
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

std::int64_t Timeline::rhythm() const { return drift_ > 0 && rebalance_ > 0 ? rebalance_ / std::gcd(drift_, rebalance_) : 0; }

std::vector<Timeline::Stay> Timeline::stays(Picoseconds from, Picoseconds to) const {
    if (drift_ == 0) return {{0, to - from}};
    std::vector<Stay> all;
    while (from < to) {
        const std::int64_t drifts = from / drift_;
        const Picoseconds left = drift_ - from % drift_;   // until the next
        const Picoseconds length = std::min(left, to - from);
        all.push_back({drifts, length});
        from += length;
    }
    return all;
}

}  // namespace moeplan
