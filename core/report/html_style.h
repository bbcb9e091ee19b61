#pragma once

#include <string_view>

namespace moeplan {

// The page's whole style sheet: light and dark by the reader's preference, printable. Colours of candidates are those of Okabe and Ito
// (jfly.uni-koeln.de/color), told apart by colour-blind eyes, in the order of the desktop program's pictures; lighter in the dark.
std::string_view html_style();

}  // namespace moeplan
