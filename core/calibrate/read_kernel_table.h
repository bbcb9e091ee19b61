#pragma once
// Measured kernels from a CSV table with the columns of aiconfigurator's kernel benchmarks (milliseconds), as they are
// published: moe, gemm, context and generation attention, MLA, all-reduce and NCCL. docs/calibration.md, "Tables".

#include <istream>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/calibrate/measurement.h"
#include "core/report/validation.h"

namespace moeplan {

struct KernelTable {
    MeasurementSet set;                  // device and engine as the table's columns name them
    std::vector<SkippedRows> skipped;    // rows that cannot be used, by reason
};

// `name` is for messages. Errors: no op_name or latency column, a column the kind needs is missing (all named), a number
// that is none or out of range (file:line; at most 20 reported), an unknown number format (nearest).
Result<KernelTable> read_kernel_table(std::istream& stream, const std::string& name);
Result<KernelTable> read_kernel_table(const std::string& file);

// The number format of a benchmark's name for it: "bfloat16", "int4_wo", "w4a16_mxfp4", or our own names.
std::optional<NumberFormat> benchmark_format(std::string_view name);

}  // namespace moeplan
