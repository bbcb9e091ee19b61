// The stable, versioned form:
// {"moeplan","scenario","candidates","verdict","expectations","exploration","warnings"}.

#include "core/report/json_tree.h"
#include "core/report/report_writer.h"
#include "core/report/simulation_json.h"

namespace moeplan {
namespace {

constexpr const char* kVersion = "0.1";

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

Json candidate_json(const CandidateReport& c) {
    Json json;
    json["name"] = c.name;
    json["model"] = c.model;
    json["gpu"] = c.gpu;
    json["engine"] = c.engine;
    json["precision"] = c.precision;
    json["layout"] = c.layout;
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
    json["warnings"] = c.warnings;
    return json;
}

Json candidates_json(const std::vector<CandidateReport>& candidates) {
    Json json = Json::array();
    for (const auto& candidate : candidates) json.push_back(candidate_json(candidate));
    return json;
}

Json verdict_json(const Verdict& verdict) {
    Json json;
    json["objective"] = verdict.objective;
    json["winner"] = verdict.winner.empty() ? Json(nullptr) : Json(verdict.winner);
    json["decided"] = verdict.decided;
    json["sentence"] = verdict.sentence;
    json["flips"] = Json::array();
    for (const auto& flip : verdict.flips) {
        Json item;
        item["axis"] = flip.axis;
        item["at"] = json_number(flip.at);
        item["unit"] = flip.unit;
        item["sentence"] = flip.sentence;
        json["flips"].push_back(std::move(item));
    }
    json["warnings"] = verdict.warnings;
    return json;
}

Json expectations_json(const std::vector<ExpectationResult>& results) {
    Json json = Json::array();
    for (const auto& result : results) {
        Json item;
        item["name"] = result.name;
        item["verdict"] = name_of(result.outcome);
        item["detail"] = result.detail;
        json.push_back(std::move(item));
    }
    return json;
}

Json exploration_json(const Exploration& exploration) {
    Json json;
    json["evaluated"] = exploration.evaluated;
    json["infeasible"] = exploration.infeasible;
    json["reasons"] = Json::array();
    for (const auto& [reason, n] : exploration.reasons) {
        Json item;
        item["reason"] = reason;
        item["n"] = n;
        json["reasons"].push_back(std::move(item));
    }
    json["best"] = candidates_json(exploration.best);
    json["pareto"] = candidates_json(exploration.pareto);
    return json;
}

class JsonWriter final : public ReportWriter {
public:
    std::string write(const Report& report) const override {
        Json json;
        json["moeplan"] = kVersion;
        json["name"] = report.scenario_name;
        json["file"] = report.scenario_file;
        json["cost_source"] = report.cost_source;
        json["scenario"] = json_document(report.scenario);
        json["candidates"] = candidates_json(report.candidates);
        json["verdict"] = report.verdict ? verdict_json(*report.verdict) : Json(nullptr);
        json["expectations"] = expectations_json(report.expectations);
        json["exploration"] = report.exploration ? exploration_json(*report.exploration) : Json(nullptr);
        json["warnings"] = report.warnings;
        return json_text(json);
    }
};

}  // namespace

std::unique_ptr<ReportWriter> make_json_writer(const TableStyle&) { return std::make_unique<JsonWriter>(); }

}  // namespace moeplan
