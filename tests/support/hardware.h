#pragma once
// An H100 SXM with the figures of the built-in catalog, and engines made by hand.

#include "core/hardware/device_spec.h"
#include "core/hardware/engine_spec.h"

namespace moeplan::hardware {

inline DeviceSpec h100() {
    DeviceSpec d;
    d.id = "h100_sxm";
    d.name = "H100 SXM5 80GB";
    d.memory = {80e9};
    d.bandwidth = {3350e9};
    d.peak.fp32 = {66.9e12};
    d.peak.bf16 = {989.4e12};
    d.peak.fp16 = {989.4e12};
    d.peak.fp8 = {1978.9e12};
    d.peak.int8 = {1978.9e12};
    d.bandwidth_fraction = {0.89, 0.82, 0.934};
    d.compute_fraction = {0.79, 0.71, 0.85};
    d.compute_fraction_fp8 = {0.555, 0.344, 0.709};
    d.link = {450e9};
    d.link_fraction = {0.78, 0.70, 0.83};
    d.pcie = {55e9};
    d.network = {50e9};
    d.power = Watts{700};
    return d;
}

// Reaches its datasheet, no launch time to anything: for exact times.
inline DeviceSpec perfect() {
    DeviceSpec d = h100();
    d.id = "perfect";
    d.name = "a perfect H100";
    for (Estimate* fraction : {&d.bandwidth_fraction, &d.compute_fraction, &d.compute_fraction_fp8, &d.link_fraction}) *fraction = Estimate::exact(1);
    return d;
}

inline EngineSpec ideal_engine() {
    EngineSpec e;
    e.id = "ideal";
    e.name = "ideal";
    return e;
}

inline EngineSpec usual_engine() {
    EngineSpec e = ideal_engine();
    e.id = "usual";
    e.name = "usual";
    e.memory_fraction = 0.92;
    e.reserved = {3.5 * 1073741824.0};
    e.step_overhead_s = {126e-6, 0, 1.2e-3};
    e.sequence_overhead_s = {4.4e-6, 0, 45.9e-6};
    e.kernel_launch_s = {3e-6, 1.8e-6, 6.4e-6};
    return e;
}

}  // namespace moeplan::hardware
