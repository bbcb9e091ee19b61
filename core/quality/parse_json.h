#pragma once
// JSON as Python writes it, made safe to parse: private to core/quality.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/base/result.h"

namespace moeplan::quality {

// Parses after replacing Python's bare NaN, Infinity and -Infinity by null and refusing nesting deeper than
// 200. `where` is the file, or file:line for a line of a JSONL file.
Result<nlohmann::json> parse_json(std::string_view text, const std::string& where);

}  // namespace moeplan::quality
