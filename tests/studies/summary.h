#pragma once
// A report as lines a person can review in a diff: every number to four significant digits, no paths, no sources.

#include <string>

#include "core/report/report.h"

namespace moeplan::testing {

std::string summary(const Report& report);

// Lines that differ, as "- approved" and "+ now", with their numbers; at most `most` of them.
std::string differing_lines(const std::string& approved, const std::string& now, std::size_t most = 40);

}  // namespace moeplan::testing
