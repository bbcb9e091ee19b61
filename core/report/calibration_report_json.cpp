#include "core/report/calibration_report.h"
#include "core/report/validation_text.h"

namespace moeplan {
namespace {

Json number_or_null(const std::optional<double>& value) { return value ? json_number(*value) : Json(nullptr); }

Json json_point(const CalibrationPoint& p) {
    Json json;
    json["probe"] = p.probe;
    json["size"] = json_number(p.size);
    json["measured_s"] = json_number(p.measured);
    json["half_width"] = number_or_null(p.half_width);
    json["throttled"] = p.throttled;
    if (!p.predicted) return json;
    json["predicted_s"] = json_number(p.predicted->value);
    json["low_s"] = json_number(p.predicted->low);
    json["high_s"] = json_number(p.predicted->high);
    json["outside"] = p.outside;
    return json;
}

Json json_family(const CalibrationFamily& f) {
    Json json;
    json["family"] = f.family;
    json["dtype"] = f.format;
    json["size_unit"] = f.computes ? "FLOP" : "bytes";
    json["measured"] = f.measured;
    json["failed"] = f.failed;
    json["wide"] = f.wide;
    json["few_samples"] = f.few_samples;
    json["throttled"] = f.throttled;
    json["noise"] = number_or_null(f.noise);
    json["seconds"] = json_number(f.seconds);
    json["fitted"] = f.fitted;
    json["n_fit"] = f.n_fit;
    json["n_held_out"] = f.n_held_out;
    json["held_out"] = stats_json(f.held_out);
    json["here"] = stats_json(f.here);
    json["points"] = Json::array();
    for (const CalibrationPoint& p : f.points) json["points"].push_back(json_point(p));
    return json;
}

Json json_facts(const std::vector<CalibrationFact>& facts) {
    Json json = Json::object();
    for (const CalibrationFact& fact : facts) json[fact.name] = fact.value;
    return json;
}

}  // namespace

std::string write_calibration_json(const CalibrationReport& report) {
    Json json;
    json["title"] = report.title;
    json["facts"] = json_facts(report.facts);
    json["seconds"] = json_number(report.seconds);
    json["families"] = Json::array();
    for (const CalibrationFamily& f : report.families) json["families"].push_back(json_family(f));
    json["failures"] = Json::array();
    for (const SkippedRows& f : report.failures) {
        Json item;
        item["reason"] = f.reason;
        item["n"] = f.n;
        json["failures"].push_back(std::move(item));
    }
    json["failed_probes"] = Json::array();
    for (const CalibrationFact& f : report.failed_probes) {
        Json item;
        item["probe"] = f.name;
        item["remark"] = f.value;
        json["failed_probes"].push_back(std::move(item));
    }
    json["notes"] = report.notes;
    return json_text(json);
}

}  // namespace moeplan
