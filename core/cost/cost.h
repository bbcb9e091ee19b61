#pragma once
// A price with its interval, its work, what bounds it and where it came from.

#include <cstdint>
#include <string_view>

#include "core/base/estimate.h"
#include "core/base/units.h"

namespace moeplan {

enum class Bound : std::uint8_t { compute, memory, network, launch, host, mixed };
std::string_view name_of(Bound bound);

// How a figure was obtained. Combining different ones gives mixed.
enum class Provenance : std::uint8_t { roofline, calibrated, measured, declared, mixed };
std::string_view name_of(Provenance provenance);

struct Cost {
    Seconds time, low, high;   // low <= time <= high
    Flops flops;
    Bytes bytes;
    Bound bound = Bound::memory;
    Provenance provenance = Provenance::roofline;
    bool outside_calibration = false;  // an input lay outside what the source was fitted on
};

// One after the other. The bound is the longer one's; intervals add (errors of one device's kernels are
// taken as common, so they do not average out).
Cost then(const Cost& a, const Cost& b);
Cost times(const Cost& a, double repeat);

inline Estimate to_estimate(const Cost& c) { return {c.time.value, c.low.value, c.high.value}; }

}  // namespace moeplan
