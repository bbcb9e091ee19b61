#pragma once
// A simulated candidate in the text formats. Internal to core/report.

#include <string>

#include "core/report/report.h"

namespace moeplan {

// Markdown: latencies as a table, facts and findings as lists. Empty without a simulation.
std::string simulation_markdown(const CandidateReport& candidate);

// HTML: the same, with pictures over time. Empty when no candidate is simulated.
std::string simulations_html(const Report& report, bool charts = true);   // without charts where pictures stand beside it

// CSV rows: what the candidate's metrics do not say already, then the series (axis time_s).
std::string simulation_csv(const CandidateReport& candidate);

}  // namespace moeplan
