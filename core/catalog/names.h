#pragma once
// Names as people type them: case does not matter, and a closed model is known by a pattern. Internal to
// core/catalog.

#include <string>
#include <string_view>

namespace moeplan {

// Equal but for case (ASCII).
bool same_name(std::string_view a, std::string_view b);

// `*` stands for any run of characters; everything else but case must agree.
bool matches_pattern(std::string_view pattern, std::string_view name);

}  // namespace moeplan
