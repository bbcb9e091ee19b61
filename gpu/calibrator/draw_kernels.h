#pragma once
// Kernels nobody has measured, to hold a profile against: drawn at random inside what the profile was fitted to.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/calibrate/profile.h"
#include "core/kernels/kernel.h"
#include "gpu/protocol/protocol.h"

namespace moeplan {

// At most `count` kernels of the family and format: every size log-uniform over the range of the measured ones, layer
// shapes that are none of the measured ones, nothing the profile calls outside of its domain or the worker cannot run
// (bounds_of()). Expert loads are balanced or skewed by an exponent of up to 1.2, one in two each. Fewer, down to none,
// where the domain is too narrow to hold so many. Empty for families without shapes of their own (passes, collectives).
std::vector<Kernel> draw_kernels(const FamilyProfile& family, const WorkerHello& hello, std::size_t count,
                                 std::uint64_t seed);

}  // namespace moeplan
