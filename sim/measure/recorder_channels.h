#pragma once
// The recorder's channels in its time bins. Internal to sim/measure.

#include <cstddef>

namespace moeplan::channel {

enum Sum : std::size_t { arrivals, completed, met, input, output, kSums };
enum Level : std::size_t { in_system, running, kv_used, kv_total, output_rate, thrown_away, busy, serving, kLevels };
enum Peak : std::size_t { waiting_peak, kv_share, kPeaks };

}  // namespace moeplan::channel
