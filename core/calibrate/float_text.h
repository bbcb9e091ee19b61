#pragma once
// Many single-precision numbers as a short text: little-endian IEEE 754, base64 (RFC 4648). Reads a hundred times faster
// than decimals, which is what loading a profile in milliseconds needs.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moeplan {

std::string floats_to_text(const std::vector<double>& values);
// Nothing when the text is not base64 of whole, finite numbers.
std::optional<std::vector<double>> floats_from_text(std::string_view text);

}  // namespace moeplan
