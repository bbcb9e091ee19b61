#include "core/cost/cost.h"

namespace moeplan {

std::string_view name_of(Bound bound) {
    switch (bound) {
        case Bound::compute: return "compute";
        case Bound::memory: return "memory";
        case Bound::network: return "network";
        case Bound::launch: return "launch";
        case Bound::host: return "host";
        case Bound::mixed: return "mixed";
    }
    return "?";
}

std::string_view name_of(Provenance provenance) {
    switch (provenance) {
        case Provenance::roofline: return "roofline";
        case Provenance::calibrated: return "calibrated";
        case Provenance::measured: return "measured";
        case Provenance::declared: return "declared";
        case Provenance::mixed: return "mixed";
    }
    return "?";
}

Cost then(const Cost& a, const Cost& b) {
    Cost sum;
    sum.time = a.time + b.time;
    sum.low = a.low + b.low;
    sum.high = a.high + b.high;
    sum.flops = a.flops + b.flops;
    sum.bytes = a.bytes + b.bytes;
    sum.bound = a.time >= b.time ? a.bound : b.bound;
    // A cost of nothing has no origin of its own.
    const bool one_is_empty = a.time.value == 0 || b.time.value == 0;
    sum.provenance = a.provenance == b.provenance ? a.provenance
                     : one_is_empty               ? (a.time.value == 0 ? b.provenance : a.provenance)
                                                  : Provenance::mixed;
    sum.outside_calibration = a.outside_calibration || b.outside_calibration;
    return sum;
}

Cost times(const Cost& a, double repeat) {
    Cost scaled = a;
    scaled.time = a.time * repeat;
    scaled.low = a.low * repeat;
    scaled.high = a.high * repeat;
    scaled.flops = a.flops * repeat;
    scaled.bytes = a.bytes * repeat;
    return scaled;
}

}  // namespace moeplan
