#pragma once
// The files a study reads, so that no output replaces one of them.

#include <string>
#include <vector>

#include "core/scenario/scenario.h"

namespace moeplan {

// `file` as seen from the folder `study_file` lies in; absolute paths stay.
std::string relative_to(const std::string& study_file, const std::string& file);

// The study itself, and what it names: traces, recordings of clients (folders), routing, evaluations, models and profiles that are
// files. As seen from here; not all of them need be there.
std::vector<std::string> files_named(const Scenario& scenario);

// A problem where `output` is one of those, or lies in a folder among them. Nothing where it does not exist yet.
Problems spares_files_named(const Scenario& scenario, const std::string& output);

}  // namespace moeplan
