#include "core/hardware/device_spec.h"

namespace moeplan {

FlopsPerSecond Peaks::of(NumberFormat compute) const {
    switch (compute) {
        case NumberFormat::fp32: return fp32;
        case NumberFormat::fp16: return fp16;
        case NumberFormat::fp8:
        case NumberFormat::fp8_block: return fp8;
        case NumberFormat::nvfp4:
        case NumberFormat::mxfp4: return fp4;
        case NumberFormat::int8: return int8;
        default: return bf16;
    }
}

}  // namespace moeplan
