#pragma once
// A space of configurations (model x GPU x count x layout x number format x engine x batch …) evaluated on all cores.
// Memory does not grow with the space: only the best few, the Pareto front and counts are kept. The result does not
// depend on the number of threads.

#include <cstdint>
#include <string>
#include <vector>

#include "core/analyse/prepare.h"
#include "core/base/run_control.h"
#include "core/report/report.h"

namespace moeplan {

// Objectives an exploration can rank by.
const std::vector<std::string>& explorable_objectives();

// Errors: unknown names on an axis (all of them), an objective that needs more than a single point's time and money.
Result<Exploration> explore(const Scenario& scenario, const Catalog& catalog, const CostSource& source, const TraceMeans* means,
                            RunControl& control);

}  // namespace moeplan
