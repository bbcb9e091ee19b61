#include <fmt/format.h>

#include "core/report/json_candidate.h"
#include "core/report/json_node.h"
#include "core/report/simulation_json.h"

namespace moeplan {
namespace {

constexpr std::int64_t kMostOfAnything = 1'000'000;   // layers, ranks, experts: so that products stay small

Estimate ms_of(const JsonNode& json) {
    const Estimate ms{json.at("ms").number(), json.at("ms_low").number(), json.at("ms_high").number()};
    if (!(ms.low <= ms.value && ms.value <= ms.high)) json.say("expected ms_low <= ms <= ms_high");
    return ms;
}

BreakdownRow part_of(const JsonNode& json) {
    return {json.at("phase").text(), json.at("part").text(), ms_of(json), json.at("share").number(), json.at("gflops").number(),
            json.at("gbytes").number(), json.at("bound").text()};
}

OpRow op_of(const JsonNode& json) {
    OpRow op;
    op.phase = json.at("phase").text();
    op.name = json.at("name").text();
    op.part = json.at("part").text();
    op.format = json.at("format").text();
    op.gflops = json.at("gflops").number();
    op.gbytes = json.at("gbytes").number();
    op.ms = ms_of(json);
    op.bound = json.at("bound").text();
    op.outside_calibration = json.at("outside_calibration").boolean();
    return op;
}

Roof roof_of(const JsonNode& json) {
    Roof roof;
    roof.gb_per_s = json.at("gb_per_s").number();
    for (const JsonNode& ceiling : json.at("ceilings").list()) roof.ceilings.push_back({ceiling.at("format").text(), ceiling.at("gflop_per_s").number()});
    return roof;
}

std::int64_t size_at(const JsonNode& json, std::string_view key) {
    const JsonNode node = json.at(key);
    const std::int64_t size = node.size();
    if (size > kMostOfAnything) node.say(fmt::format("expected at most {}", kMostOfAnything));
    return node.sound() ? size : 0;
}

std::vector<double> table_at(const JsonNode& json, std::string_view key, std::int64_t rows, std::int64_t columns) {
    const JsonNode node = json.at(key);
    auto numbers = node.numbers();
    if (numbers.size() != static_cast<std::uint64_t>(rows * columns)) node.say(fmt::format("expected {} x {} numbers, found {}", rows, columns, numbers.size()));
    return numbers;
}

ExpertLoadMap expert_load_of(const JsonNode& json) {
    ExpertLoadMap map;
    map.source = json.at("source").text();
    map.experts = size_at(json, "experts");
    map.top_k = size_at(json, "top_k");
    map.layers = size_at(json, "layers");
    map.ranks = size_at(json, "ranks");
    map.rank_load = table_at(json, "rank_load", map.layers, map.ranks);
    map.expert_load = table_at(json, "expert_load", map.layers, map.experts);
    return map;
}

SeriesPoint point_of(const JsonNode& json) {
    SeriesPoint point{json.at("x").number(), json.estimate()};
    if (const auto apart = json.find("apart")) {
        const auto three = apart->numbers();
        if (three.size() == 3 && three[1] <= three[0] && three[0] <= three[2]) point.apart = Estimate{three[0], three[1], three[2]};
        else apart->say("expected value, low and high, low <= value <= high");
    }
    return point;
}

Series series_of(const JsonNode& json) {
    Series series{json.at("metric").text(), json.at("axis").text(), {}};
    for (const JsonNode& point : json.at("points").list()) series.points.push_back(point_of(point));
    return series;
}

void read_rows(CandidateReport& c, const JsonNode& json) {
    for (const auto& [id, metric] : json.at("metrics").members()) c.metrics.push_back({id, metric.estimate(), metric.at("source").text()});
    for (const JsonNode& row : json.at("breakdown").list()) c.breakdown.push_back(part_of(row));
    for (const JsonNode& row : json.at("memory").list()) c.memory.push_back({row.at("label").text(), row.at("gb").number()});
    c.memory_limit_gb = json.at("memory_limit_gb").number();
    for (const JsonNode& series : json.at("series").list()) c.series.push_back(series_of(series));
    c.rank_load = json.at("rank_load").numbers();
    c.warnings = json.at("warnings").texts();
}

}  // namespace

CandidateReport read_candidate(const JsonNode& json) {
    CandidateReport c;
    c.name = json.at("name").text();
    c.model = json.at("model").text();
    c.gpu = json.at("gpu").text();
    c.engine = json.at("engine").text();
    c.precision = json.at("precision").text();
    c.layout = json.at("layout").text();
    if (const auto launched = json.find("launched_with")) c.launched_with = launched->texts();
    c.gpus = json.at("gpus").size();
    c.replicas = json.at("replicas").size();
    c.fits = json.at("fits").boolean();
    read_rows(c, json);
    if (const auto simulation = json.find("simulation")) c.simulation = read_simulation(*simulation);
    if (const auto ops = json.find("ops")) {
        for (const JsonNode& op : ops->list()) c.ops.push_back(op_of(op));
    }
    if (const auto roof = json.find("roof")) c.roof = roof_of(*roof);
    if (const auto map = json.find("expert_load")) c.expert_load = expert_load_of(*map);
    return c;
}

}  // namespace moeplan
