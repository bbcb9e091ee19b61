#pragma once
// Inside sim/sweep: the parts there are in a folder.

#include <string>
#include <vector>

#include "core/base/result.h"
#include "sim/sweep/part_file.h"

namespace moeplan {

// Sorted by name; empty when the folder is not there.
std::vector<std::string> parts_in(const std::string& folder, PartKind kind);

// What the column `kind` of a row of failures says.
std::string kind_of_failure(std::string_view line, const PartForm& form);

}  // namespace moeplan
