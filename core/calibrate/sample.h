#pragma once
// A small table out of a large one: the rows the calibrator would have measured, verbatim.

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/report/validation.h"

namespace moeplan {

struct SampledTable {
    std::string text;
    std::vector<SkippedRows> skipped;   // rows that cannot be used, by reason
};

// Reads `file` (a table as read_kernel_table() reads it) and returns its header and at most `probes` rows of every family
// and number format, in their order, with a last column `chosen` ("spread" or "random"). Columns that only repeat what
// nobody reads are dropped. Errors: read_kernel_table()'s.
Result<SampledTable> sample_kernel_table(const std::string& file, std::size_t probes, std::uint64_t seed);

}  // namespace moeplan
