#pragma once
// A GPU (or other accelerator) as data, every figure with its source. Peaks are dense, never sparse.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/estimate.h"
#include "core/base/number_format.h"
#include "core/base/units.h"

namespace moeplan {

struct Datum {
    std::string field;   // "memory", "peak.bf16", …
    std::string source;
    std::string note;    // conflicts between sources, conditions; may be empty
};

// Dense matrix peak by the format arithmetic runs in. 0 = the chip has no such unit: refused, never scaled.
struct Peaks {
    FlopsPerSecond fp32, bf16, fp16, fp8, fp4, int8;
    FlopsPerSecond of(NumberFormat compute) const;
};

struct DeviceSpec {
    std::string id;            // "h100_sxm"
    std::string name;          // "H100 SXM5 80GB"
    std::string arch;          // "Hopper"
    std::vector<std::string> aliases;
    Bytes memory;              // datasheet, decimal GB
    Bytes visible;             // what the driver reports as total (nvidia-smi); 0 = not known, the datasheet's stands in
    BytesPerSecond bandwidth;  // datasheet
    Peaks peak;
    // What well-tuned kernels reach of the datasheet: central, low, high. Measured where `sources` says so.
    Estimate bandwidth_fraction;
    Estimate compute_fraction;      // bf16 and fp16 GEMM
    Estimate compute_fraction_fp8;  // fp8, fp4 and int8 GEMM
    BytesPerSecond link;            // per direction to the scale-up fabric (NVLink, xGMI); 0 = none
    Estimate link_fraction;         // of `link` that collectives reach
    std::int64_t link_domain = 8;   // GPUs that reach each other over `link`
    BytesPerSecond pcie;            // per direction to the host
    BytesPerSecond network;         // per GPU to other nodes; 0 = not stated
    std::optional<Watts> power;     // board power; absent = energy is not reported
    std::optional<double> l2_mb;
    std::optional<std::int64_t> sm_count;
    std::vector<Datum> sources;

    // Memory software can see. A datasheet's "80 GB" is nearly 80 GiB; without a reading the decimal figure is the safe one.
    Bytes usable() const { return visible.value > 0 ? visible : memory; }
    bool has_fp8() const { return peak.fp8.value > 0; }
    bool has_fp4() const { return peak.fp4.value > 0; }
};

}  // namespace moeplan
