#pragma once
// A layout as one word, as sweeps and the command line write it.

#include <string>
#include <string_view>

#include "core/parallel/layout.h"

namespace moeplan {

// "tp=2,ep=4"; moe_tp only where it is not tp x dp / ep.
std::string print_layout(const Layout& layout);

// "tp=2 ep=4", "tp=8,pp=2": axes in any order; the rest is 1 and moe_tp follows.
// Errors: anything else, with the form that is expected.
Result<Layout> parse_layout(std::string_view text);

}  // namespace moeplan
