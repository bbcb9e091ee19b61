#pragma once
// From $ per hour and tokens per second to the unit prices a report shows, and what idling and stopping cost.

#include <optional>

#include "core/base/estimate.h"
#include "core/base/units.h"

namespace moeplan {

struct ServingLoad {
    double gpus = 0;                 // paid for, > 0
    double input_tokens = 0;         // per request
    double output_tokens = 0;        // per request
    Estimate requests_per_second;    // of the whole fleet at full load
    double utilisation = 1.0;        // share of paid time that carries this load, 0..1
};

// All intervals combine price spread and throughput interval as if both extremes met.
// A price per something is absent when that something may be zero: no such tokens, no utilisation,
// or a throughput whose interval reaches zero.
struct UnitPrices {
    Estimate usd_per_hour;
    std::optional<Estimate> usd_per_mtok_input;   // all money over input tokens
    std::optional<Estimate> usd_per_mtok_output;  // all money over output tokens
    std::optional<Estimate> usd_per_mtok_total;   // all money over input + output tokens
    std::optional<Estimate> usd_per_request;
    Estimate usd_per_month;                       // 730 h
};

// usd_per_request = gpus * usd_per_gpu_hour / (3600 * requests_per_second * utilisation).
// Requires: gpus > 0, utilisation within 0..1, the rest finite and >= 0.
UnitPrices unit_prices(const Estimate& usd_per_gpu_hour, const ServingLoad& load);

// board_power * power_fraction * gpus * PUE / output_tokens_per_second, of the accelerators only (hosts and
// network are not in the board power). Decode rarely draws full power: the caller names the assumption behind
// `power_fraction`. Absent when output_tokens_per_second may be zero.
std::optional<Estimate> joules_per_output_token(Watts board_power, const Estimate& power_fraction,
                                                double gpus, const Estimate& output_tokens_per_second,
                                                double pue);

// Emissions of the electricity at the grid's intensity; 1 kWh = 3.6 MJ.
double grams_co2(Joules energy, double grams_per_kwh);

// Time from a stopped replica to the first token it can serve.
struct ColdStart {
    Seconds read;          // weights from where they are to host memory
    Seconds upload;        // host to device over PCIe, all GPUs of a replica in parallel
    Seconds engine;        // process start, graph capture, warm-up
    bool streamed = true;  // tensors are uploaded while later ones are read
    // Streaming loaders overlap the two copies, so the slower one decides; others pay both.
    // Source: NVIDIA Run:ai Model Streamer, measured on one A10G node: 14.3 s streamed against 48.0 s with
    // the plain safetensors loader from the same gp3 disk
    // (hyper.ai/en/headlines/62da06ca86a30dbdb45cccbf439905fa).
    Seconds total() const;
};

enum class WeightLocation {
    network,     // object or network storage: read at source_rate
    disk,        // local disk: read at source_rate
    page_cache,  // already in host memory: nothing is read, source_rate is not used
};

// read = weights / source_rate, upload = weights / (pcie_per_gpu * gpus).
// `weights`: bytes of the whole replica as its GPUs hold them. Requires: gpus, pcie_per_gpu and, unless in
// the page cache, source_rate > 0; weights and engine_start finite and >= 0.
ColdStart cold_start(Bytes weights, WeightLocation where, BytesPerSecond source_rate,
                     BytesPerSecond pcie_per_gpu, double gpus, Seconds engine_start, bool streamed = true);

// One idle gap of a replica, two ways to spend it.
struct IdleGap {
    Dollars staying_up;  // the gap at the replica's price
    Dollars restarting;  // the cold start at the replica's price: it is paid while it loads
    Seconds wait;        // what the first request after the gap waits when the replica was stopped
    bool stopping_pays() const { return restarting < staying_up; }
};
IdleGap idle_gap(const ColdStart& start, DollarsPerHour replica, Seconds gap);

// The gap beyond which stopping is cheaper: as long as the cold start itself, whatever the price, because
// both are billed at the same rate. The wait of the first request is not money and is reported beside it.
Seconds break_even_idle(const ColdStart& start);

// Requests per hour at which an always-on dedicated replica costs what `other_usd_per_request` costs.
// Absent when the other is free. Compare with what the replica can serve.
std::optional<double> break_even_requests_per_hour(DollarsPerHour replica, double other_usd_per_request);

}  // namespace moeplan
