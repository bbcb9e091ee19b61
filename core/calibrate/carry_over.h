#pragma once
// A fit of one device used for another that nobody measured: the parameters of its prior (launches, shares of the
// datasheet reached) with the other device's datasheet. docs/calibration.md, "Devices without a profile".

#include <cstdint>
#include <optional>

#include "core/calibrate/profile.h"
#include "core/hardware/device_spec.h"

namespace moeplan {

// How near a measured device is to one without measurements.
enum class Kinship : std::uint8_t {
    sibling,        // the same architecture and 16-bit peak within a factor 1.5: the same chip with other memory or clocks
    architecture,   // the same architecture, another chip
    generation,     // another NVIDIA architecture
};

// Nothing where nothing carries over: an architecture whose compute capability is not known here (AMD, Gaudi, processors).
std::optional<Kinship> kinship(const DeviceSpec& measured, const DeviceSpec& other);

// Smaller is nearer: first by kinship, then by distance of compute capabilities, then by how far the bandwidths of one
// processor are apart (ratios of 16-bit peak to bandwidth, where a count of processors is not known). Nothing as above.
std::optional<double> distance(const DeviceSpec& measured, const DeviceSpec& other);

// One family of `profile`, a profile of `measured`, for `other`. Between architectures the correction stays behind (it is of
// kernels the other one does not run); the interval is what leaving a measured device out misses, and as wide as between
// architectures where the profile is of another engine's kernels.
// Nothing where it would mislead: a number format that one of the two multiplies in and the other does not; between chips, a
// format that is much slower on `measured` than 16 bits are (a fault of its kernels, not of the format); collectives of
// another architecture or without a fabric between GPUs.
std::optional<FamilyProfile> carry_over(const Profile& profile, const FamilyProfile& family, const DeviceSpec& measured,
                                        const DeviceSpec& other, bool same_engine = true);

}  // namespace moeplan
