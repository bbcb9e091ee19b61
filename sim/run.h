#pragma once
// The one door: the command line and the desktop program call this and nothing deeper.

#include "core/base/run_control.h"
#include "core/catalog/catalog.h"
#include "core/report/report.h"
#include "core/scenario/scenario.h"
#include "sim/serving/simulation_options.h"

namespace moeplan {

// Answers a study, in closed form or by simulation as it says. Reads the files it names (traces, routing, evaluations);
// prints nothing. `options` matter to simulations only.
// Errors: the user's problems, all at once; Problem::kind tells wrong input from nothing feasible.
Result<Report> run(const Scenario& scenario, const Catalog& catalog, RunControl& control, const SimulationOptions& options = {});

}  // namespace moeplan
