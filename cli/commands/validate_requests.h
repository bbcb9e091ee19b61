#pragma once
// moeplan validate requests FILE.

#include "cli/arguments.h"
#include "cli/console.h"
#include "core/catalog/catalog.h"

namespace moeplan::cli {

ExitCode validate_measured_requests(const Arguments& arguments, const Catalog& catalog, Console& console);

}  // namespace moeplan::cli
