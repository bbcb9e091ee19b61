#pragma once
// What the words of `moeplan calibrate` that read tables share.

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "core/calibrate/read_kernel_table.h"
#include "core/calibrate/profile.h"
#include "core/catalog/catalog.h"

namespace moeplan::cli {

struct Tables {
    KernelTable merged;
    const DeviceSpec* device = nullptr;   // in the catalog
};

// All files into one table. The GPU: the one named; otherwise the one the tables' device column or file names stand for.
// Errors: every table's; tables of different devices; a GPU that is not in the catalog (nearest).
Result<Tables> read_tables(const std::vector<std::string>& files, const std::optional<std::string>& gpu, const Catalog& catalog);

// A profile file, or the name of one in the catalog.
Result<Profile> load_prior(const std::string& name, const Catalog& catalog);

// "h100.json" -> "h100".
std::string profile_name(const std::string& file);

Option gpu_option();
Option seed_option();
Option prior_option();
Option probes_option();

}  // namespace moeplan::cli
