#pragma once
// What pictures of a study's own candidates need beyond report_of(): every op of a step, the device's roof, the map of
// expert loads. Left out of sweep points and exploration rows, of which there are many.

#include "core/analyse/evaluate.h"
#include "core/report/report.h"

namespace moeplan {

// Fills ops, roof and expert_load of a report made by report_of() from the same values. Nothing of the first two for a
// candidate that does not fit.
// Errors: the cost source lacks a datum.
Result<void> add_detail(CandidateReport& report, const Prepared& candidate, const Evaluation& evaluation, const CostSource& source);

// Ops of one step, largest first; layers' ops of one name and number format are one row, and what the engine does on the host is a
// row too, so that the rows add up to the step's breakdown.
Result<std::vector<OpRow>> op_rows(const std::string& phase, const Prepared& candidate, const StepShape& step, const CostSource& source);

// Absent for dense models. docs/method.md, "Map of expert loads".
std::optional<ExpertLoadMap> expert_load_map(const Prepared& candidate);

}  // namespace moeplan
