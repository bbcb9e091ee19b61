#pragma once
// A study between its text and its value: comments, and the files it names.

#include <string>

#include "core/base/result.h"
#include "core/catalog/catalog.h"
#include "core/scenario/scenario.h"

namespace moeplan {

// How a study without a file is called in the places of its problems.
constexpr const char* kUnsavedStudy = "study";

// parse_scenario() for a text that may not have a file: `file` empty = kUnsavedStudy in problems, no file in the Scenario.
Result<Scenario> read_study(const std::string& yaml, const std::string& file);

// The comment a study begins with, up to its first key, ending in a newline; empty when there is none.
std::string leading_comment(const std::string& yaml);
// There may be comments after the leading one, which writing the study anew would lose. When in doubt, yes.
bool has_inner_comments(const std::string& yaml);

// The same study, to be kept in `file`: the files it names relative to its own are named from there. `whole_paths`: from the
// root instead, for files that will not move with the study. What names nothing there is left as it is.
Scenario moved_to(Scenario scenario, const std::string& file, const Catalog& catalog, bool whole_paths);

}  // namespace moeplan
