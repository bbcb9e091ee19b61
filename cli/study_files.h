#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"

namespace moeplan::cli {

// Every *.yaml and *.yml below a folder, sorted by path; a file stays itself.
// Errors: what is not there, a folder without studies.
Result<std::vector<std::string>> study_files(const std::vector<std::string>& files_and_folders);

}  // namespace moeplan::cli
