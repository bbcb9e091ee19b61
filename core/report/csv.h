#pragma once
// RFC 4180 fields and rows.

#include <string>
#include <string_view>
#include <vector>

namespace moeplan {

// Quoted only when it must be: comma, quote or line break inside.
std::string csv_field(std::string_view text);

// Comma separated, ending in CR LF.
std::string csv_row(const std::vector<std::string>& fields);

}  // namespace moeplan
