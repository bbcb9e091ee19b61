#pragma once
// The text of a file that may be packed by gzip or zstd, told by its first bytes.

#include <cstddef>
#include <string>

#include "core/base/result.h"

namespace moeplan {

// `expected`, for messages: "a table of measured kernels". Errors: a folder, a file that cannot be read, packed data that is cut short or damaged, more than `most` bytes of text.
Result<std::string> read_unpacked(const std::string& file, std::size_t most, const std::string& expected);

}  // namespace moeplan
