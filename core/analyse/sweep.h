#pragma once
// Numeric sweeps: one candidate along one axis, as the series a report draws.

#include <vector>

#include "core/analyse/axes.h"
#include "core/base/run_control.h"
#include "core/report/report.h"

namespace moeplan {

// Series of every metric worth drawing (tpot_ms, ttft_ms, output_tok_s, tok_s_per_gpu, the money metrics, mfu,
// mbu, activated_experts, imbalance, usd_per_correct_answer) over the axis. Points that do not fit or are
// overloaded are left out.
// Points are worked out side by side, on as many threads as there are; the answer does not depend on how many. "cancelled" when asked to.
// With `shared_price` the points also carry their value at the price's central figure, for comparisons.
Result<std::vector<Series>> sweep_axis(const Prepared& candidate, const OperatingPoint& base, const SweepAxis& axis, const Scenario& scenario,
                                       const CostSource& source, const RunControl& control, bool shared_price = false);

// All metrics of a candidate with one knob turned: what an expectation "mixtral.tpot_ms@batch=1" asks for.
Result<std::vector<Metric>> metrics_at(const Prepared& candidate, const OperatingPoint& base, const std::string& axis, double value,
                                       const Scenario& scenario, const CostSource& source);

// The numbers of a numeric axis. Errors: values that are not numbers, at the axis's line.
Result<std::vector<double>> axis_numbers(const SweepAxis& axis);

}  // namespace moeplan
