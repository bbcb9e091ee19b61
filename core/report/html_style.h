#pragma once

#include <string_view>

namespace moeplan {

// The page's whole style sheet: light and dark by the reader's preference, printable.
std::string_view html_style();

}  // namespace moeplan
