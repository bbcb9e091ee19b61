#pragma once
// A drawing from elsewhere made fit to stand inside a page. Internal to core/report.

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace moeplan {

// The drawing as an inline <svg>: its prologue, names of namespaces, title and description gone, every id and what points to it
// begun with `prefix`, the root an image with `label` for those who do not see it, sized by the page (class "drawing").
// Taken are the elements and attributes that draw; links may lead to places in the drawing, and images may be PNG or JPEG data
// in it. Errors: anything else (a script, an event, a style sheet, an address), tags that do not nest, no view box, more than
// 16 MiB.
Result<std::string> safe_svg(std::string_view svg, std::string_view prefix, std::string_view label);

}  // namespace moeplan
