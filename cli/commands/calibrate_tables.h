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
    std::vector<std::string> notes;       // what a reader should know: a file named after another device
};

// All files into one table. The GPU: the one the tables' device column stands for; where that leaves the form open or is not
// known, `gpu` or what the files are named after.
// Errors: every table's; tables of different devices or engines; a GPU that is not in the catalog (nearest) or not the column's.
Result<Tables> read_tables(const std::vector<std::string>& files, const std::optional<std::string>& gpu, const Catalog& catalog);

// "12 left out: number format 'bf17' is not known", a note each.
void tell_skipped(const std::vector<SkippedRows>& skipped, Console& console);

// A profile file, or the name of one in the catalog.
Result<Profile> load_prior(const std::string& name, const Catalog& catalog);

// Where none is said.
constexpr const char* kProfileName = "moeplan-profile";
// "h100.json" -> "h100"; "h100.sxm" stays.
std::string without_json(const std::string& file);
// The same of a path's last part; of standard output kProfileName.
std::string profile_name(const std::string& file);

Option gpu_option();
Option seed_option();
Option prior_option();
Option probes_option();

}  // namespace moeplan::cli
