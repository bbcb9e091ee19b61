#pragma once
// A simulation made by hand, for tests of what reads reports: figures that are plausible together, not simulated.

#include <cmath>

#include "tests/support/example_report.h"

namespace moeplan {

namespace example {

inline SimulatedLatency latency(const char* metric, double mean, double p50, double p90, double p99, double max) {
    SimulatedLatency l;
    l.metric = metric;
    l.mean = about(mean, 0.15, 0.2);
    l.p50 = about(p50, 0.15, 0.2);
    l.p90 = about(p90, 0.15, 0.2);
    l.p95 = about((p90 + p99) / 2, 0.15, 0.2);
    l.p99 = about(p99, 0.15, 0.2);
    l.max = max;
    l.sampling_mean = mean * 0.03;
    l.sampling_p99 = p99 * 0.08;
    return l;
}

inline SimulatedSeries series(const char* id, const char* label, const char* unit, double level, double swing) {
    SimulatedSeries s{id, label, unit, {}};
    for (int i = 1; i <= 60; ++i) {
        const double filled = 1 - std::exp(-i / 6.0);
        s.points.emplace_back(i * 41.7, level * filled + swing * std::sin(i / 7.0) * filled + swing * 0.2 * ((i * 37) % 11 - 5) / 5);
    }
    for (auto& point : s.points) point.second = std::max(0.0, point.second);
    return s;
}

}  // namespace example

inline SimulationReport example_simulation() {
    using namespace example;
    SimulationReport s;
    s.counts = {10'000, 9'961, 27, 12, 0, 184, 0, 3, 1'204'331, 41'207, 10'202'112, 2'550'016, 3'570'739};
    s.simulated_s = 2502;
    s.warm_up_s = 96.5;
    s.warm_up_detected = true;
    s.measured = 9'577;
    s.latencies = {latency("ttft_ms", 214, 131, 402, 1480, 6120), latency("tpot_ms", 15.4, 14.9, 19.2, 27.1, 88.4),
                   latency("itl_ms", 15.3, 13.8, 17.7, 96.2, 611), latency("e2e_ms", 4150, 3980, 7020, 11900, 24800)};
    s.latencies[2].sampling_p99.reset();
    s.requests_per_s = about(3.98, 0, 0);
    s.output_tok_s = about(1019, 0.001, 0.001);
    s.input_tok_s = about(4077, 0.001, 0.001);
    s.goodput_rps = about(3.71, 0.04, 0.03);
    s.attainment = about(0.932, 0.04, 0.03);
    s.kv_mean = about(0.41, 0.1, 0.12);
    s.kv_peak = about(0.93, 0.08, 0.07);
    s.running_mean = about(15.9, 0.12, 0.15);
    s.waiting_mean = about(0.62, 0.3, 0.5);
    s.waiting_peak = about(31, 0.2, 0.29);
    s.prefix_hit = 0.35;
    s.busy = about(0.87, 0.05, 0.05);
    s.saturation = about(0.71, 0.12, 0.15);
    s.gpu_hours = 1.39;
    s.series = {series("running", "requests running", "", 16, 5), series("waiting", "requests waiting", "", 0.6, 0.9),
                series("kv_used", "KV cache held", "fraction", 0.41, 0.15), series("output_tok_s", "output tokens", "tok/s", 1019, 260),
                series("arrivals_s", "arrivals", "req/s", 4, 1.2), {"replicas", "replicas serving", "", {{41.7, 1}, {2502, 1}}}};
    s.pools = {{"prefill", "tp 4", 2, 8, 17.6, 51.2, about(0.61, 0.05, 0.07), about(0.08, 0.2, 0.2), about(0.32, 0.1, 0.1), about(1.9, 0.1, 0.1), about(3.4, 0.4, 0.6), about(0.21, 0.1, 0.1)},
               {"decode", "dp 8 · ep 8", 1, 8, 9.6, 59.1, about(0.97, 0.01, 0.01), about(0.44, 0.1, 0.1), about(0.71, 0.1, 0.1), about(14, 0.1, 0.1), about(0.1, 0.5, 0.5), Estimate::exact(0)}};
    s.findings = {"184 preemptions: the KV cache is full at the peaks"};
    s.invariants_checked = 812'304;
    return s;
}

// The example report with its first candidate simulated.
inline Report simulated_report() {
    Report report = example_report();
    report.candidates[0].simulation = example_simulation();
    return report;
}

}  // namespace moeplan
