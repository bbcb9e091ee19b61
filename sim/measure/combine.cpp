#include "sim/measure/combine.h"

#include <algorithm>

#include "core/base/estimate_math.h"

namespace moeplan {
namespace {

struct Runs {
    const Measured& central;
    const Measured* others[2];

    // `figure` gives an optional number; a run without it does not widen the interval.
    template <class Figure>
    std::optional<Estimate> of_optional(Figure figure) const {
        const std::optional<double> value = figure(central);
        if (!value) return std::nullopt;
        Estimate e = Estimate::exact(*value);
        for (const Measured* other : others) {
            const std::optional<double> v = other ? figure(*other) : std::nullopt;
            if (!v) continue;
            e.low = std::min(e.low, *v);
            e.high = std::max(e.high, *v);
        }
        return e;
    }
    Estimate of(double Measured::*figure) const {
        return *of_optional([&](const Measured& m) { return std::optional<double>(m.*figure); });
    }
    Estimate of(const std::string& metric, double MeasuredLatency::*figure) const {
        return *of_optional([&](const Measured& m) -> std::optional<double> {
            const MeasuredLatency* latency = m.find(metric);
            return latency ? std::optional<double>(latency->*figure) : std::nullopt;
        });
    }
};

SimulatedLatency latency_of(const MeasuredLatency& central, const Runs& runs) {
    SimulatedLatency out;
    out.metric = central.metric;
    out.mean = runs.of(central.metric, &MeasuredLatency::mean);
    out.p50 = runs.of(central.metric, &MeasuredLatency::p50);
    out.p90 = runs.of(central.metric, &MeasuredLatency::p90);
    out.p95 = runs.of(central.metric, &MeasuredLatency::p95);
    out.p99 = runs.of(central.metric, &MeasuredLatency::p99);
    out.max = central.max;
    out.sampling_mean = central.sampling_mean;
    out.sampling_p99 = central.sampling_p99;
    out.distribution = central.distribution;
    return out;
}

void widen(SimulatedLatency& latency, const Estimate& error) {
    for (Estimate* e : {&latency.mean, &latency.p50, &latency.p90, &latency.p95, &latency.p99}) *e = with_error(*e, error);
}

}  // namespace

SimulationReport combined(const Measured& central, const Measured* optimistic, const Measured* pessimistic,
                          const RunFacts& facts) {
    const Runs runs{central, {optimistic, pessimistic}};
    SimulationReport out;
    out.counts = central.counts;
    out.simulated_s = central.simulated_s;
    out.warm_up_s = central.warm_up_s;
    out.warm_up_detected = central.warm_up_detected;
    out.measured = central.measured;
    for (const MeasuredLatency& latency : central.latencies) {
        out.latencies.push_back(latency_of(latency, runs));
        if (latency.metric == "ttft_ms" && (optimistic || pessimistic)) widen(out.latencies.back(), facts.first_token_error);
    }
    out.requests_per_s = runs.of(&Measured::requests_per_s);
    out.output_tok_s = runs.of(&Measured::output_tok_s);
    out.input_tok_s = runs.of(&Measured::input_tok_s);
    out.goodput_rps = runs.of_optional([](const Measured& m) { return m.goodput_rps; });
    out.attainment = runs.of_optional([](const Measured& m) { return m.attainment; });
    out.kv_mean = runs.of(&Measured::kv_mean);
    out.kv_peak = runs.of(&Measured::kv_peak);
    out.running_mean = runs.of(&Measured::running_mean);
    out.waiting_mean = runs.of(&Measured::waiting_mean);
    out.waiting_peak = runs.of(&Measured::waiting_peak);
    out.prefix_hit = central.prefix_hit;
    out.busy = runs.of(&Measured::busy);
    out.saturation = facts.saturation;
    out.gpu_hours =
        facts.gpu_hours ? *facts.gpu_hours : central.replica_hours * static_cast<double>(facts.gpus_per_replica);
    out.series = central.series;
    out.sample = central.sample;
    out.findings = central.findings;
    out.invariants_checked = facts.invariants_checked;
    return out;
}

}  // namespace moeplan
