#pragma once
// What one run of a simulation measured. Three of them (step times as expected, optimistic, pessimistic) make a
// SimulationReport: see combine.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/report/simulation_report.h"

namespace moeplan {

// An objective as the study states it. Goodput asks every request whether it kept within `limit_s`; `percentile` says
// how the study judges the whole and does not matter there.
struct Objective {
    std::string metric;      // ttft, tpot, e2e
    double percentile = 0;   // 50, 90, 99; 0 = mean
    double limit_s = 0;
};

struct MeasuredLatency {
    std::string metric;      // ttft_ms, itl_ms, tpot_ms, e2e_ms
    std::uint64_t values = 0;
    double mean = 0, p50 = 0, p90 = 0, p95 = 0, p99 = 0, max = 0;   // ms
    std::optional<double> sampling_mean, sampling_p99;              // half-widths, 95 %
    std::vector<std::pair<double, double>> distribution{};          // at drawn_shares(): share, ms; itl_ms to 1.6 %
};

// One pool of replicas, over the same time as all figures.
struct MeasuredPool {
    double busy = 0;                        // share of the time its replicas were there that they were in steps
    double kv_mean = 0, kv_peak = 0;        // share of blocks held by running requests
    double running_mean = 0, waiting_mean = 0;
    double sending_mean = 0;                // caches under way from it
    double link_waiting_mean = 0;           // caches that wait for its links
};

// Every figure is over the time from the end of the warm-up on, `counts` excepted.
struct Measured {
    SimulatedCounts counts;                 // `events` is the engine's to fill in
    double simulated_s = 0;                 // first arrival to the last end
    double warm_up_s = 0;
    bool warm_up_detected = false;
    std::uint64_t measured = 0;             // completed requests that arrived after the warm-up
    double window_s = 0;                    // the time rates are over
    std::vector<MeasuredLatency> latencies; // those with values
    double requests_per_s = 0, output_tok_s = 0, input_tok_s = 0;
    std::optional<double> goodput_rps, attainment;
    double kv_mean = 0, kv_peak = 0;        // share of blocks held by running requests
    double running_mean = 0, waiting_mean = 0, waiting_peak = 0;
    std::optional<double> prefix_hit;       // absent when nothing was cached
    double busy = 0;
    double batch = 0;                       // requests that ran on a replica, over the time that it was in steps
    double replica_hours = 0;               // paid, from when a replica is told to serve: cold starts are not seen here
    std::vector<SimulatedSeries> series;
    std::vector<SimulatedRequest> sample;
    std::vector<std::string> findings;
    std::vector<MeasuredPool> pools;        // prefill and decode of each group that has them

    const MeasuredLatency* find(std::string_view metric) const {
        for (const MeasuredLatency& latency : latencies) {
            if (latency.metric == metric) return &latency;
        }
        return nullptr;
    }
};

}  // namespace moeplan
