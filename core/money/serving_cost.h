#pragma once
// From $ per hour and tokens per second to the unit prices a report shows.

#include "core/base/estimate.h"
#include "core/base/units.h"
#include "core/hardware/device_spec.h"

namespace moeplan {

struct ServingLoad {
    double gpus = 0;
    double input_tokens = 0;         // per request
    double output_tokens = 0;        // per request
    Estimate requests_per_second;    // of the whole fleet at full load
    double utilisation = 1.0;        // share of paid time that carries this load, 0..1
};

// All intervals combine price spread and throughput interval as if both extremes met.
struct UnitPrices {
    Estimate usd_per_hour;
    Estimate usd_per_mtok_input;   // all money over input tokens
    Estimate usd_per_mtok_output;  // all money over output tokens
    Estimate usd_per_mtok_total;   // all money over input + output tokens
    Estimate usd_per_request;
    Estimate usd_per_month;        // 730 h
};

UnitPrices unit_prices(const Estimate& usd_per_gpu_hour, const ServingLoad& load);

// Joules of the accelerators per output token at the device's board power and `power_fraction` of it
// (decode rarely draws full power; the caller names its assumption), times PUE. CO2 in grams from gCO2/kWh.
Estimate joules_per_output_token(Watts board_power, const Estimate& power_fraction, double gpus,
                                 const Estimate& output_tokens_per_second, double pue);
double grams_co2(Joules energy, double grams_per_kwh);

// Time from a stopped replica to the first token it can serve, by weight location.
struct ColdStart {
    Seconds read;       // weights from where they are to host memory
    Seconds upload;     // host to device over PCIe, all GPUs of a replica in parallel
    Seconds engine;     // process start, graph capture, warm-up
    Seconds total() const { return {read.value > upload.value ? read.value + engine.value : upload.value + engine.value}; }
};
enum class WeightLocation { network, disk, page_cache };
ColdStart cold_start(Bytes weights, WeightLocation where, BytesPerSecond source_rate, BytesPerSecond pcie_per_gpu,
                     double gpus, Seconds engine_start);

// $ of one scale-to-zero cycle against staying up: idle hours beyond which stopping pays.
double break_even_idle_hours(const ColdStart& start, DollarsPerHour replica, double restarts_tolerated_cost_usd);

// Requests per hour at which an always-on dedicated replica costs what `other_usd_per_request` costs.
double break_even_requests_per_hour(DollarsPerHour replica, double other_usd_per_request);

}  // namespace moeplan
