#pragma once
// Internal to experts: when popularity drifts and when experts are rebalanced, in whole picoseconds, so that intervals
// that are multiples of each other meet.

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/units.h"
#include "core/scenario/simulate_spec.h"

namespace moeplan {

using Picoseconds = std::int64_t;
constexpr double kPicosecondsPerSecond = 1e12;

struct Change {
    Picoseconds at = 0;
    bool drifts = false, rebalances = false;
};

// Both intervals are positive; the changes lie inside (0, horizon).
class Timeline {
public:
    Timeline(const std::optional<DriftSpec>& drift, const std::optional<RebalanceSpec>& rebalance, Seconds horizon);

    // Changes there are, before any is listed. Where both fall together they count twice.
    double count() const { return count(drift_) + count(rebalance_); }
    std::vector<Change> changes() const;

private:
    double count(Picoseconds every) const;

    Picoseconds horizon_ = 0, drift_ = 0, rebalance_ = 0;   // 0 = never
};

}  // namespace moeplan
