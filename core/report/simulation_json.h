#pragma once
// A simulation in the JSON report. Internal to core/report.

#include "core/report/json_tree.h"

namespace moeplan {

// {"counts","simulated_s","warm_up_s","warm_up_detected","measured","latencies","figures","series","findings",
//  "invariants_checked"}; latencies by metric with mean, p50, p90, p95, p99 ({value, low, high, unit}), max and the sampling
// half-widths (null where absent); figures in the same form, null where absent.
Json simulation_json(const SimulationReport& simulation);

}  // namespace moeplan
