#pragma once
// A calibration as people start it, from the command line or the window: the worker that lies beside the program, what
// to measure, the usual tools with the catalog's devices, and the profile at the end.

#include <functional>
#include <string>
#include <vector>

#include "core/catalog/catalog.h"
#include "core/kernels/weighted_op.h"
#include "gpu/calibrator/calibrate.h"

namespace moeplan {

// moeplan-probe, as a command line: the one beside this program, else the one the shell finds.
std::string default_worker();
// Command lines of the probe programs beside this one, moeplan-probe first, then moeplan-probe-cuda; may be empty.
std::vector<std::string> workers_beside_program();

using PlanFor = std::function<CalibrationPlan(const WorkerHello&)>;

// Around what a study does: plan_for(ops_of_study()).
PlanFor plan_around(std::vector<WeightedOp> ops);
// default_plan() of well_known_models(). Errors: the catalog's.
Result<PlanFor> plan_around_well_known_models(const Catalog& catalog);

// usual_tools(); a device the catalog knows by the name its driver gives it has its published peaks under the fit.
// `catalog` outlives what is returned.
CalibrateTools tools_with_catalog(PlanFor plan, const Catalog& catalog);

// What was measured as a profile. `name` stands where the fit gives none; device, source and date (today, UTC) likewise.
// Errors: the fit's, too few measurements among them.
Result<FitReport> fit_calibration(const Calibration& run, const CalibrateSettings& settings, const CalibrateTools& tools,
                                  const std::string& name);

}  // namespace moeplan
