#pragma once
// What several commands share: the catalog asked for, the studies named, and where their output goes.

#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/console.h"
#include "core/catalog/catalog.h"
#include "core/report/report.h"
#include "core/scenario/scenario.h"

namespace moeplan::cli {

// --catalog, else MOEPLAN_CATALOG, else the built-in one.
Result<Catalog> chosen_catalog(const Arguments& arguments);

// A study from a file, or from standard input when it is "-".
Result<Scenario> read_study(const std::string& file, const std::vector<std::string>& overrides);

// Problems that name no place are about the study.
Problems blamed_on(const Scenario& scenario, Problems problems);

// To the file, or to standard output when there is none.
ExitCode deliver(const std::string& text, const std::optional<std::string>& file, Console& console);

// --format; when it is not given, what the name of the output file ends in; else "table".
std::string chosen_format(const Arguments& arguments);

// 3 when no candidate fits, 1 when an expectation failed, else 0. A claim that turns out wrong is a finding.
ExitCode code_of(const Scenario& scenario, const Report& report);

}  // namespace moeplan::cli
