#include "core/report/simulation_metrics.h"

#include <fmt/format.h>

#include "core/report/format.h"

namespace moeplan {

std::vector<Metric> simulated_metrics(const SimulationReport& s) {
    const std::string source = kSimulatedSource;
    std::vector<Metric> out;
    const auto add = [&](std::string id, const Estimate& value) { out.push_back({std::move(id), value, source}); };
    for (const SimulatedLatency& latency : s.latencies) {
        if (find_metric(latency.metric) == nullptr) continue;   // shown with the simulation only
        add(latency.metric, latency.mean);
        add(latency.metric + "_p50", latency.p50);
        add(latency.metric + "_p90", latency.p90);
        add(latency.metric + "_p99", latency.p99);
        if (latency.metric == "tpot_ms" && latency.mean.low > 0) add("tok_s_per_user", inverse(1e3, latency.mean));
    }
    add("output_tok_s", s.output_tok_s);
    add("total_tok_s", s.output_tok_s + s.input_tok_s);
    if (s.goodput_rps) add("goodput_rps", *s.goodput_rps);
    if (s.attainment) add("attainment", *s.attainment);
    if (s.saturation) add("saturation", *s.saturation);
    add("kv_peak", s.kv_peak);
    if (s.prefix_hit) add("prefix_hit", Estimate::exact(*s.prefix_hit));
    add("waiting_peak", s.waiting_peak);
    if (s.counts.arrived > 0) {
        const double per_k = 1e3 * static_cast<double>(s.counts.preemptions) / static_cast<double>(s.counts.arrived);
        add("preemptions_per_k", Estimate::exact(per_k));
    }
    return out;
}

}  // namespace moeplan
