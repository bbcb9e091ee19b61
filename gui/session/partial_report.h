#pragma once
// What is known of a simulated study while it runs, in the form of its report: the candidates that have begun.

#include <map>
#include <string>

#include "core/report/report.h"
#include "core/scenario/scenario.h"

namespace moeplan {

// In the study's order; no verdict, for nothing is decided yet.
Report partial_report(const Scenario& scenario, const std::map<std::string, SimulationReport>& so_far);

}  // namespace moeplan
