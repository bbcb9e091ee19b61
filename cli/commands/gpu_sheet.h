#pragma once
// Devices in words and as JSON.

#include <string>

#include "cli/console.h"
#include "core/catalog/catalog.h"

namespace moeplan::cli {

std::string gpus_table(const Catalog& catalog, const Console& console);
std::string gpus_json(const Catalog& catalog);
std::string gpu_sheet(const DeviceSpec& device, const Catalog& catalog, const Console& console);
std::string gpu_json(const DeviceSpec& device, const Catalog& catalog);

}  // namespace moeplan::cli
