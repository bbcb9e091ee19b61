#pragma once
// What a simulation of one candidate (or fleet) found. Two kinds of doubt are told apart: `low` and `high` of an Estimate
// come from runs with optimistic and pessimistic step times (calibration); `sampling` is the noise of this one finite run.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/estimate.h"

namespace moeplan {

// A latency over the requests after warm-up. Percentiles are order statistics (nearest rank) of all values, not of bins.
struct SimulatedLatency {
    std::string metric;              // ttft_ms, itl_ms, tpot_ms, e2e_ms, wait_ms
    Estimate mean, p50, p90, p95, p99;
    double max = 0;
    // Half-widths of the 95 % interval of the central run's mean and p99 by batch means; absent with too few batches.
    std::optional<double> sampling_mean, sampling_p99;
    // Of the central run, for a picture: value at shares 0, 0.01 … 0.99, 0.995, 0.999, 1; ascending; empty = not kept.
    std::vector<std::pair<double, double>> distribution;   // share, milliseconds
};

// One request of the central run, for a picture. Seconds of simulated time.
struct SimulatedRequest {
    std::uint64_t id = 0;
    double arrived = 0;
    std::optional<double> started, first_token, finished;   // prompt taken up, and so on; absent = never
    double input = 0, output = 0;                  // tokens
    std::string outcome;                           // "completed", "rejected", "timed out", "unfinished"
    std::uint64_t preemptions = 0;
    std::int64_t replica = 0;
};

struct SimulatedSeries {
    std::string id;      // "running", "waiting", "kv_used", "output_tok_s", "arrivals_s", "replicas"
    std::string label;   // "requests running"
    std::string unit;    // "", "fraction", "tok/s", "1/s"
    std::vector<std::pair<double, double>> points;   // seconds, mean over the bin that ends there
};

struct SimulatedCounts {
    std::uint64_t arrived = 0, completed = 0, rejected = 0, timed_out = 0, unfinished = 0;
    std::uint64_t preemptions = 0, swaps = 0, restarts = 0;
    std::uint64_t steps = 0;            // of engines, skipped ones included
    std::uint64_t events = 0;           // the simulation itself took
    std::uint64_t input_tokens = 0, output_tokens = 0, cached_tokens = 0;   // of completed requests
};

// The replicas that do one half of the work.
struct SimulatedPool {
    std::string name;                // "prefill", "decode"; of a fleet's member "moe: prefill"
    std::string layout;              // of a replica
    std::int64_t replicas = 1, gpus = 1;   // gpus: of all of them
    double weights_gb = 0, cache_gb = 0;   // of one GPU: what weights take, and what is left for the KV cache
    Estimate busy;                   // share of time in steps
    Estimate kv_mean, kv_peak;       // share of blocks held by running requests
    Estimate running_mean, waiting_mean;   // requests
    Estimate sending_mean;           // caches on their way from it, or waiting for its links
};

struct SimulationReport {
    SimulatedCounts counts;             // of the central run, warm-up included
    double simulated_s = 0;             // first arrival to last token
    double warm_up_s = 0;               // left out of every figure below
    bool warm_up_detected = false;      // by the data rather than by the study
    std::uint64_t measured = 0;         // requests the figures are over
    std::vector<SimulatedLatency> latencies;
    Estimate requests_per_s, output_tok_s, input_tok_s;
    std::optional<Estimate> goodput_rps;          // requests a second that met every objective
    std::optional<Estimate> attainment;           // their share
    Estimate kv_mean, kv_peak;                    // share of blocks held by running requests
    Estimate running_mean, waiting_mean, waiting_peak;
    std::optional<double> prefix_hit;             // share of prompt tokens found in the prefix cache
    Estimate busy;                                // share of time in which replicas ran steps
    std::optional<Estimate> saturation;           // offered load over capacity; absent for closed loops
    double gpu_hours = 0;                         // paid, cold starts included
    std::vector<SimulatedSeries> series;          // of the central run
    std::vector<SimulatedRequest> sample;         // up to 200 consecutive ones, from the middle of what is measured
    std::vector<std::string> findings;            // "rate is 1.3 times what the replica can serve: its queue grew to the end"
    std::uint64_t invariants_checked = 0;         // with --check
    std::vector<SimulatedPool> pools;             // empty where all replicas do everything
};

}  // namespace moeplan
