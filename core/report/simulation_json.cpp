#include "core/report/simulation_json.h"

namespace moeplan {
namespace {

Json optional_number(const std::optional<double>& value) { return value ? json_number(*value) : Json(nullptr); }

Json optional_estimate(const std::optional<Estimate>& value, std::string_view unit) {
    return value ? json_estimate(*value, unit) : Json(nullptr);
}

Json pairs_json(const std::vector<std::pair<double, double>>& pairs) {
    Json json = Json::array();
    for (const auto& [first, second] : pairs) json.push_back(Json::array({json_number(first), json_number(second)}));
    return json;
}

Json counts_json(const SimulatedCounts& c) {
    Json json;
    json["arrived"] = c.arrived;
    json["completed"] = c.completed;
    json["rejected"] = c.rejected;
    json["timed_out"] = c.timed_out;
    json["unfinished"] = c.unfinished;
    json["preemptions"] = c.preemptions;
    json["swaps"] = c.swaps;
    json["restarts"] = c.restarts;
    json["steps"] = c.steps;
    json["events"] = c.events;
    json["input_tokens"] = c.input_tokens;
    json["output_tokens"] = c.output_tokens;
    json["cached_tokens"] = c.cached_tokens;
    return json;
}

Json latencies_json(const std::vector<SimulatedLatency>& latencies) {
    Json json = Json::object();
    for (const SimulatedLatency& latency : latencies) {
        Json item;
        item["mean"] = json_estimate(latency.mean, "ms");
        item["p50"] = json_estimate(latency.p50, "ms");
        item["p90"] = json_estimate(latency.p90, "ms");
        item["p95"] = json_estimate(latency.p95, "ms");
        item["p99"] = json_estimate(latency.p99, "ms");
        item["max"] = json_number(latency.max);
        item["sampling_mean"] = optional_number(latency.sampling_mean);
        item["sampling_p99"] = optional_number(latency.sampling_p99);
        item["distribution"] = pairs_json(latency.distribution);
        json[latency.metric] = std::move(item);
    }
    return json;
}

Json figures_json(const SimulationReport& s) {
    Json json;
    json["requests_per_s"] = json_estimate(s.requests_per_s, "req/s");
    json["output_tok_s"] = json_estimate(s.output_tok_s, "tok/s");
    json["input_tok_s"] = json_estimate(s.input_tok_s, "tok/s");
    json["goodput_rps"] = optional_estimate(s.goodput_rps, "req/s");
    json["attainment"] = optional_estimate(s.attainment, "fraction");
    json["kv_mean"] = json_estimate(s.kv_mean, "fraction");
    json["kv_peak"] = json_estimate(s.kv_peak, "fraction");
    json["running_mean"] = json_estimate(s.running_mean, "");
    json["waiting_mean"] = json_estimate(s.waiting_mean, "");
    json["waiting_peak"] = json_estimate(s.waiting_peak, "");
    json["prefix_hit"] = optional_number(s.prefix_hit);
    json["busy"] = json_estimate(s.busy, "fraction");
    json["saturation"] = optional_estimate(s.saturation, "fraction");
    json["gpu_hours"] = json_number(s.gpu_hours);
    return json;
}

Json series_json(const std::vector<SimulatedSeries>& all) {
    Json json = Json::array();
    for (const SimulatedSeries& series : all) {
        Json item;
        item["id"] = series.id;
        item["label"] = series.label;
        item["unit"] = series.unit;
        item["points"] = pairs_json(series.points);
        json.push_back(std::move(item));
    }
    return json;
}

Json sample_json(const std::vector<SimulatedRequest>& sample) {
    Json json = Json::array();
    for (const SimulatedRequest& request : sample) {
        Json item;
        item["id"] = request.id;
        item["arrived"] = json_number(request.arrived);
        item["started"] = optional_number(request.started);
        item["first_token"] = optional_number(request.first_token);
        item["finished"] = optional_number(request.finished);
        item["input"] = json_number(request.input);
        item["output"] = json_number(request.output);
        item["outcome"] = request.outcome;
        item["preemptions"] = request.preemptions;
        item["replica"] = request.replica;
        json.push_back(std::move(item));
    }
    return json;
}

Json pools_json(const std::vector<SimulatedPool>& pools) {
    Json json = Json::array();
    for (const SimulatedPool& pool : pools) {
        Json item;
        item["name"] = pool.name;
        item["layout"] = pool.layout;
        item["replicas"] = pool.replicas;
        item["gpus"] = pool.gpus;
        item["weights_gb"] = json_number(pool.weights_gb);
        item["cache_gb"] = json_number(pool.cache_gb);
        item["busy"] = json_estimate(pool.busy, "fraction");
        item["kv_mean"] = json_estimate(pool.kv_mean, "fraction");
        item["kv_peak"] = json_estimate(pool.kv_peak, "fraction");
        item["running_mean"] = json_estimate(pool.running_mean, "");
        item["waiting_mean"] = json_estimate(pool.waiting_mean, "");
        item["sending_mean"] = json_estimate(pool.sending_mean, "");
        json.push_back(std::move(item));
    }
    return json;
}

}  // namespace

Json simulation_json(const SimulationReport& s) {
    Json json;
    json["counts"] = counts_json(s.counts);
    json["simulated_s"] = json_number(s.simulated_s);
    json["warm_up_s"] = json_number(s.warm_up_s);
    json["warm_up_detected"] = s.warm_up_detected;
    json["measured"] = s.measured;
    json["latencies"] = latencies_json(s.latencies);
    json["figures"] = figures_json(s);
    json["pools"] = pools_json(s.pools);
    json["series"] = series_json(s.series);
    json["sample"] = sample_json(s.sample);
    json["findings"] = s.findings;
    json["invariants_checked"] = s.invariants_checked;
    return json;
}

}  // namespace moeplan
