#pragma once
// One cheap pass over JSON text before a parser sees it: where every key stands, how deep it nests, keys
// given twice, and Python's NaN and Infinity turned into strings, which JSON allows.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moeplan {

struct JsonScan {
    std::string text;                  // same lines as the original
    std::map<std::string, int> lines;  // "text_config.hidden_size" -> 12; the first occurrence
    std::vector<std::pair<std::string, int>> duplicates;
    std::optional<int> too_deep_line;  // nested deeper than kDeepestJson; the scan stopped there
};

inline constexpr std::size_t kDeepestJson = 32;

// Never fails: what is not JSON is left for the parser to name.
JsonScan scan_json(std::string_view text);

// The line (from 1) of a byte.
int line_of(std::string_view text, std::size_t byte);

}  // namespace moeplan
