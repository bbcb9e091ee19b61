#pragma once
// An evaluation as the metrics, breakdown and memory rows of a report.

#include "core/analyse/evaluate.h"
#include "core/report/report.h"

namespace moeplan {

// Every metric that has a value at this point; those that do not apply are left out, never zero.
std::vector<Metric> metrics_of(const Prepared& candidate, const Evaluation& evaluation, const CostSource& source);

// The same without where they are from, and with the shares of a decode step where a timer of the candidate is given: for
// what asks of thousands of points. Errors: the cost source's.
std::vector<Metric> bare_metrics_of(const Prepared& candidate, const Evaluation& evaluation);
Result<std::vector<Metric>> bare_metrics_of(const Prepared& candidate, const Evaluation& evaluation, StepTimer& timer);

// The whole candidate: metrics, step breakdowns, memory rows, warnings.
Result<CandidateReport> report_of(const Prepared& candidate, const Evaluation& evaluation, const CostSource& source,
                                  const std::vector<SloTerm>& slo);

// The name and hardware columns only, for candidates and exploration rows alike.
CandidateReport identity_of(const Prepared& candidate);

}  // namespace moeplan
