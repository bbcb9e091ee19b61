#pragma once
// What a folder of results belongs to: DIR/manifest.json. Whoever comes first writes it, whole or not at all; everyone
// else compares.

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "sim/sweep/grid.h"
#include "sim/sweep/study.h"

namespace moeplan {

struct Manifest {
    std::string version;       // of the program
    std::string study, name;   // its file and its title
    std::string fingerprint;   // SweepStudy::fingerprint()
    std::uint64_t points = 0;
    std::vector<std::string> sets;
    Grid grid;
};

Manifest manifest_of(const SweepStudy& study);
std::string manifest_path(const std::string& folder);

// Errors: none there, not readable, no manifest of a sweep.
Result<Manifest> read_manifest(const std::string& folder);

// Makes the folder when it is not there and leaves the manifest in it. Several processes may do so at once: one
// writes, the others find the same. Errors: the folder cannot be made or written; it belongs to another sweep (both
// fingerprints are told, and --fresh).
Problems claim_folder(const std::string& folder, const Manifest& manifest);

}  // namespace moeplan
