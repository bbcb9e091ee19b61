// The stable, versioned form:
// {"moeplan","scenario","candidates","verdict","break_evens","expectations","exploration","warnings"}. json_reader.h reads it back.

#include "core/report/json_candidate.h"
#include "core/report/json_tree.h"
#include "core/report/report_writer.h"

namespace moeplan {
namespace {

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

Json break_evens_json(const std::vector<BreakEven>& all) {
    Json json = Json::array();
    for (const auto& even : all) {
        Json item;
        item["a"] = even.a;
        item["b"] = even.b;
        item["utilisation"] = json_number(even.utilisation);
        item["price_ratio"] = json_number(even.price_ratio);
        item["points"] = Json::array();
        for (const auto& point : even.points) {
            Json at;
            at["utilisation"] = json_number(point.utilisation);
            at["price_ratio"] = json_number(point.price_ratio.value);
            at["low"] = json_number(point.price_ratio.low);
            at["high"] = json_number(point.price_ratio.high);
            item["points"].push_back(std::move(at));
        }
        json.push_back(std::move(item));
    }
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
    json["left_out"] = exploration.left_out;
    json["best"] = candidates_json(exploration.best);
    json["pareto"] = candidates_json(exploration.pareto);
    return json;
}

class JsonWriter final : public ReportWriter {
public:
    std::string write(const Report& report) const override {
        Json json;
        json["moeplan"] = kReportVersion;
        json["name"] = report.scenario_name;
        json["file"] = report.scenario_file;
        json["cost_source"] = report.cost_source;
        json["scenario"] = json_document(report.scenario);
        json["candidates"] = candidates_json(report.candidates);
        json["verdict"] = report.verdict ? verdict_json(*report.verdict) : Json(nullptr);
        json["break_evens"] = break_evens_json(report.break_evens);
        json["expectations"] = expectations_json(report.expectations);
        json["exploration"] = report.exploration ? exploration_json(*report.exploration) : Json(nullptr);
        json["warnings"] = report.warnings;
        return json_text(json);
    }
};

}  // namespace

std::unique_ptr<ReportWriter> make_json_writer(const TableStyle&) { return std::make_unique<JsonWriter>(); }

}  // namespace moeplan
