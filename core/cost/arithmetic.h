#pragma once
// Which number format a chip multiplies in, given the format weights are stored in.

#include "core/base/number_format.h"
#include "core/hardware/device_spec.h"

namespace moeplan {

// The 16-bit format of the chip: fp16 where there is no bf16 unit (Volta, Turing).
inline NumberFormat half_format(const DeviceSpec& device) {
    return device.peak.bf16.value > 0 ? NumberFormat::bf16 : NumberFormat::fp16;
}

// compute_format() of the chip, with its own 16-bit format where that widens to bf16. Whether a checkpoint in bf16
// may be served on a chip without bf16 is not asked here; prepare() refuses it, as engines do.
inline NumberFormat arithmetic_format(NumberFormat weights, const DeviceSpec& device) {
    const NumberFormat format = compute_format(weights, device.has_fp8(), device.has_fp4());
    return format == NumberFormat::bf16 ? half_format(device) : format;
}

}  // namespace moeplan
