#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/hardware/device_spec.h"

namespace moeplan::cli {

// "memory, bandwidth" -> where both come from: figures that share a source share an entry.
std::vector<std::pair<std::string, std::string>> sources_by_figures(const std::vector<Datum>& sources);

}  // namespace moeplan::cli
