#pragma once
// A scenario answered in closed form: candidates, verdict, sweeps, expectations, or an exploration of a space.

#include "core/analyse/prepare.h"
#include "core/base/run_control.h"
#include "core/report/report.h"

namespace moeplan {

// Points are worked out on as many threads as there are; the bytes do not depend on how many. `kept`: what an earlier answer
// found out, and this one adds to; null = nothing is kept.
// Errors: names that are not in the catalog, layouts that cannot hold a model, missing prices or scores, a cost
// source without data: all at once. A candidate that does not fit is a finding in the report, not an error.
Result<Report> analyse(const Scenario& scenario, const Catalog& catalog, const CostSource& source, const TraceMeans* means, RunControl& control,
                       Kept* kept = nullptr);

}  // namespace moeplan
