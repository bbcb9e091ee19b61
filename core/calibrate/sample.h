#pragma once
// A small table out of a large one: the rows the calibrator would have measured, verbatim.

#include <cstdint>
#include <string>

#include "core/base/result.h"

namespace moeplan {

// Reads `file` (a table as read_kernel_table() reads it) and returns its header and at most `probes` rows of every family
// and number format, in their order, with a last column `chosen` ("spread" or "random"). Columns that only repeat what
// nobody reads are dropped. Errors: read_kernel_table()'s.
Result<std::string> sample_kernel_table(const std::string& file, std::size_t probes, std::uint64_t seed);

}  // namespace moeplan
