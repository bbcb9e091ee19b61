#pragma once
// What of a simulation stands beside other candidates' figures, under the ids of the metric catalog.

#include <vector>

#include "core/report/report.h"

namespace moeplan {

// The same words for every candidate: how many requests is told beside each simulation.
inline constexpr const char* kSimulatedSource = "simulated requests after the warm-up";

// Means as ttft_ms, tpot_ms, itl_ms, e2e_ms and their _p50 _p90 _p99; output_tok_s, total_tok_s, tok_s_per_user (1 / mean
// TPOT), goodput_rps, attainment, saturation, kv_peak, prefix_hit, waiting_peak, preemptions_per_k: those that the
// simulation has, all with the same source.
std::vector<Metric> simulated_metrics(const SimulationReport& simulation);

}  // namespace moeplan
