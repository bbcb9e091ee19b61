#pragma once
// The words of `moeplan compare` as a study.

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "core/catalog/catalog.h"
#include "core/scenario/scenario.h"

namespace moeplan::cli {

struct ComparedStudy {
    Scenario scenario;
    std::vector<std::string> notes;   // what was chosen for the user: "mixtral: 2 GPUs, the fewest that …"
};

// Every key MODEL@key=value understands.
const std::vector<std::string>& candidate_keys();

// Errors: numbers out of range, unknown keys and formats, all at once. Names are left to run() to look up.
Result<ComparedStudy> study_from(const Arguments& arguments, const Catalog& catalog);

}  // namespace moeplan::cli
