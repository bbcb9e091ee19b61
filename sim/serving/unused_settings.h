#pragma once
// What a study asks of a simulation and this run had no use for: a reader who set it believes that it counts.

#include <optional>
#include <string>
#include <vector>

#include "core/analyse/prepare.h"
#include "core/report/simulation_report.h"
#include "core/scenario/scenario.h"

namespace moeplan {

// A sentence each, for the findings of a report. `cold_start_s`: of a replica that autoscaling starts, as computed or given;
// nothing without autoscaling.
std::vector<std::string> unused_settings(const Workload& workload, const SimulateSpec& spec, const Prepared& candidate,
                                         std::optional<double> cold_start_s, const SimulationReport& ran);

}  // namespace moeplan
