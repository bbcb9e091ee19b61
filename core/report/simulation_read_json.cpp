#include "core/report/json_node.h"
#include "core/report/simulation_json.h"

namespace moeplan {
namespace {

std::optional<double> optional_number(const JsonNode& json, std::string_view key) {
    const auto found = json.find(key);
    return found ? std::optional(found->number()) : std::nullopt;
}

std::optional<Estimate> optional_estimate(const JsonNode& json, std::string_view key) {
    const auto found = json.find(key);
    return found ? std::optional(found->estimate()) : std::nullopt;
}

SimulatedCounts counts_of(const JsonNode& json) {
    SimulatedCounts c;
    c.arrived = json.at("arrived").count();
    c.completed = json.at("completed").count();
    c.rejected = json.at("rejected").count();
    c.timed_out = json.at("timed_out").count();
    c.unfinished = json.at("unfinished").count();
    c.preemptions = json.at("preemptions").count();
    c.swaps = json.at("swaps").count();
    c.restarts = json.at("restarts").count();
    c.steps = json.at("steps").count();
    c.events = json.at("events").count();
    c.input_tokens = json.at("input_tokens").count();
    c.output_tokens = json.at("output_tokens").count();
    c.cached_tokens = json.at("cached_tokens").count();
    return c;
}

SimulatedLatency latency_of(const std::string& metric, const JsonNode& json) {
    SimulatedLatency l;
    l.metric = metric;
    l.mean = json.at("mean").estimate();
    l.p50 = json.at("p50").estimate();
    l.p90 = json.at("p90").estimate();
    l.p95 = json.at("p95").estimate();
    l.p99 = json.at("p99").estimate();
    l.max = json.at("max").number();
    l.sampling_mean = optional_number(json, "sampling_mean");
    l.sampling_p99 = optional_number(json, "sampling_p99");
    if (const auto distribution = json.find("distribution")) l.distribution = distribution->pairs();
    return l;
}

void read_figures(SimulationReport& s, const JsonNode& json) {
    s.requests_per_s = json.at("requests_per_s").estimate();
    s.output_tok_s = json.at("output_tok_s").estimate();
    s.input_tok_s = json.at("input_tok_s").estimate();
    s.goodput_rps = optional_estimate(json, "goodput_rps");
    s.attainment = optional_estimate(json, "attainment");
    s.kv_mean = json.at("kv_mean").estimate();
    s.kv_peak = json.at("kv_peak").estimate();
    s.running_mean = json.at("running_mean").estimate();
    s.waiting_mean = json.at("waiting_mean").estimate();
    s.waiting_peak = json.at("waiting_peak").estimate();
    s.prefix_hit = optional_number(json, "prefix_hit");
    s.busy = json.at("busy").estimate();
    s.saturation = optional_estimate(json, "saturation");
    s.gpu_hours = json.at("gpu_hours").number();
}

SimulatedSeries series_of(const JsonNode& json) {
    return {json.at("id").text(), json.at("label").text(), json.at("unit").text(), json.at("points").pairs()};
}

SimulatedRequest request_of(const JsonNode& json) {
    SimulatedRequest r;
    r.id = json.at("id").count();
    r.arrived = json.at("arrived").number();
    r.started = optional_number(json, "started");
    r.first_token = optional_number(json, "first_token");
    r.finished = optional_number(json, "finished");
    r.input = json.at("input").number();
    r.output = json.at("output").number();
    r.outcome = json.at("outcome").text();
    r.preemptions = json.at("preemptions").count();
    r.replica = json.at("replica").whole();
    return r;
}

SimulatedPool pool_of(const JsonNode& json) {
    SimulatedPool p;
    p.name = json.at("name").text();
    p.layout = json.at("layout").text();
    p.replicas = json.at("replicas").whole();
    p.gpus = json.at("gpus").whole();
    p.weights_gb = json.at("weights_gb").number();
    p.cache_gb = json.at("cache_gb").number();
    p.busy = json.at("busy").estimate();
    p.kv_mean = json.at("kv_mean").estimate();
    p.kv_peak = json.at("kv_peak").estimate();
    p.running_mean = json.at("running_mean").estimate();
    p.waiting_mean = json.at("waiting_mean").estimate();
    p.sending_mean = json.at("sending_mean").estimate();
    return p;
}

}  // namespace

SimulationReport read_simulation(const JsonNode& json) {
    SimulationReport s;
    s.counts = counts_of(json.at("counts"));
    s.simulated_s = json.at("simulated_s").number();
    s.warm_up_s = json.at("warm_up_s").number();
    s.warm_up_detected = json.at("warm_up_detected").boolean();
    s.measured = json.at("measured").count();
    for (const auto& [metric, latency] : json.at("latencies").members()) s.latencies.push_back(latency_of(metric, latency));
    read_figures(s, json.at("figures"));
    for (const JsonNode& series : json.at("series").list()) s.series.push_back(series_of(series));
    if (const auto pools = json.find("pools")) {   // older files have none
        for (const JsonNode& pool : pools->list()) s.pools.push_back(pool_of(pool));
    }
    if (const auto sample = json.find("sample")) {
        for (const JsonNode& request : sample->list()) s.sample.push_back(request_of(request));
    }
    s.findings = json.at("findings").texts();
    s.invariants_checked = json.at("invariants_checked").count();
    return s;
}

}  // namespace moeplan
