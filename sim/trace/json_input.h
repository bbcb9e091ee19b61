#pragma once
// JSON text read whole, within bounds, for the readers that need all of it. Private to sim/trace.

#include <cstddef>
#include <istream>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace moeplan::trace {

constexpr std::size_t kLargestJson = std::size_t{256} << 20;

// Safe to hand to a parser: no bare NaN, at most 200 brackets deep. Errors: over kLargestJson, nested deeper.
Result<std::string> read_json_text(std::istream& stream, const std::string& name);
// The same for a text at hand.
Result<std::string> safe_json_text(std::string_view text, const std::string& name);

}  // namespace moeplan::trace
