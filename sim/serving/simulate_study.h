#pragma once
// `method: simulate`: a study answered by simulation, in the same report a closed form gives. What a simulation does not
// change (memory, parameters, the parts of a step) is the closed form's; latencies, throughput, goodput and money are simulated.

#include "core/analyse/prepare.h"
#include "core/base/run_control.h"
#include "core/report/report.h"
#include "sim/serving/simulation_options.h"

namespace moeplan {

// Candidates are simulated side by side on all cores, with the same requests each; equal study, equal bytes.
// Errors: those of a closed-form study; of traces; wishes that do not go with a candidate; invariants that do not hold.
// A candidate that does not fit, or falls behind its load, is a finding.
Result<Report> simulate_study(const Scenario& scenario, const Catalog& catalog, const CostSource& source, const SimulationOptions& options,
                              RunControl& control);

}  // namespace moeplan
