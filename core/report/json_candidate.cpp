#include "core/report/json_candidate.h"

#include "core/report/simulation_json.h"

namespace moeplan {
namespace {

Json breakdown_json(const std::vector<BreakdownRow>& rows) {
    Json json = Json::array();
    for (const auto& row : rows) {
        Json item;
        item["phase"] = row.phase;
        item["part"] = row.part;
        item["ms"] = json_number(row.ms.value);
        item["ms_low"] = json_number(row.ms.low);
        item["ms_high"] = json_number(row.ms.high);
        item["share"] = json_number(row.share);
        item["gflops"] = json_number(row.gflops);
        item["gbytes"] = json_number(row.gbytes);
        item["bound"] = row.bound;
        json.push_back(std::move(item));
    }
    return json;
}

Json memory_json(const std::vector<MemoryRow>& rows) {
    Json json = Json::array();
    for (const auto& row : rows) {
        Json item;
        item["label"] = row.label;
        item["gb"] = json_number(row.gb);
        json.push_back(std::move(item));
    }
    return json;
}

Json series_json(const std::vector<Series>& all) {
    Json json = Json::array();
    for (const auto& series : all) {
        const MetricInfo* info = find_metric(series.metric);
        Json item;
        item["metric"] = series.metric;
        item["axis"] = series.axis;
        item["unit"] = info ? info->unit : "";
        item["points"] = Json::array();
        for (const auto& point : series.points) {
            Json at;
            at["x"] = json_number(point.x);
            at["value"] = json_number(point.y.value);
            at["low"] = json_number(point.y.low);
            at["high"] = json_number(point.y.high);
            if (point.apart) at["apart"] = Json::array({json_number(point.apart->value), json_number(point.apart->low), json_number(point.apart->high)});
            item["points"].push_back(std::move(at));
        }
        json.push_back(std::move(item));
    }
    return json;
}

Json numbers_json(const std::vector<double>& numbers) {
    Json json = Json::array();
    for (const double number : numbers) json.push_back(json_number(number));
    return json;
}

Json ops_json(const std::vector<OpRow>& ops) {
    Json json = Json::array();
    for (const auto& op : ops) {
        Json item;
        item["phase"] = op.phase;
        item["name"] = op.name;
        item["part"] = op.part;
        item["format"] = op.format;
        item["gflops"] = json_number(op.gflops);
        item["gbytes"] = json_number(op.gbytes);
        item["ms"] = json_number(op.ms.value);
        item["ms_low"] = json_number(op.ms.low);
        item["ms_high"] = json_number(op.ms.high);
        item["bound"] = op.bound;
        item["outside_calibration"] = op.outside_calibration;
        json.push_back(std::move(item));
    }
    return json;
}

Json roof_json(const Roof& roof) {
    Json json;
    json["gb_per_s"] = json_number(roof.gb_per_s);
    json["ceilings"] = Json::array();
    for (const auto& ceiling : roof.ceilings) {
        Json item;
        item["format"] = ceiling.format;
        item["gflop_per_s"] = json_number(ceiling.gflop_per_s);
        json["ceilings"].push_back(std::move(item));
    }
    return json;
}

Json expert_load_json(const ExpertLoadMap& map) {
    Json json;
    json["source"] = map.source;
    json["experts"] = map.experts;
    json["top_k"] = map.top_k;
    json["layers"] = map.layers;
    json["ranks"] = map.ranks;
    json["rank_load"] = numbers_json(map.rank_load);
    json["expert_load"] = numbers_json(map.expert_load);
    return json;
}

}  // namespace

Json candidate_json(const CandidateReport& c) {
    Json json;
    json["name"] = c.name;
    json["model"] = c.model;
    json["gpu"] = c.gpu;
    json["engine"] = c.engine;
    json["precision"] = c.precision;
    json["layout"] = c.layout;
    if (!c.launched_with.empty()) json["launched_with"] = c.launched_with;
    json["gpus"] = c.gpus;
    json["replicas"] = c.replicas;
    json["fits"] = c.fits;
    json["metrics"] = json_metrics(c.metrics);
    json["breakdown"] = breakdown_json(c.breakdown);
    json["memory"] = memory_json(c.memory);
    json["memory_limit_gb"] = json_number(c.memory_limit_gb);
    json["series"] = series_json(c.series);
    if (c.simulation) json["simulation"] = simulation_json(*c.simulation);
    json["rank_load"] = numbers_json(c.rank_load);
    // Of a study's own candidates; rows of an exploration have none.
    if (!c.ops.empty()) json["ops"] = ops_json(c.ops);
    if (c.roof.gb_per_s > 0) json["roof"] = roof_json(c.roof);
    if (c.expert_load) json["expert_load"] = expert_load_json(*c.expert_load);
    json["warnings"] = c.warnings;
    return json;
}

}  // namespace moeplan
