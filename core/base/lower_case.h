#pragma once
// Names as people type them: capital letters do not matter.

#include <string>
#include <string_view>

namespace moeplan {

// ASCII letters only; every other byte stays.
std::string lower_case(std::string_view text);

}  // namespace moeplan
