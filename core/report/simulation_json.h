#pragma once
// A simulation in the JSON report. Internal to core/report.

#include "core/report/json_tree.h"

namespace moeplan {

// {"counts","simulated_s","warm_up_s","warm_up_detected","measured","latencies","figures","series","sample","findings",
//  "invariants_checked"}; latencies by metric with mean, p50, p90, p95, p99 ({value, low, high, unit}), max, the sampling
// half-widths (null where absent) and the distribution as pairs of share and milliseconds; figures in the same form, null where
// absent; series as pairs of seconds and value; sampled requests with null for what never came.
Json simulation_json(const SimulationReport& simulation);

class JsonNode;
SimulationReport read_simulation(const JsonNode& json);

}  // namespace moeplan
