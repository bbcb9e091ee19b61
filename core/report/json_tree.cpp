#include "core/report/json_tree.h"

#include <cmath>
#include <cstdint>

#include "core/base/match.h"
#include "core/base/require.h"
#include "core/report/report_writer.h"

namespace moeplan {

Json json_number(double value) {
    require(std::isfinite(value), "a report holds a number that is not finite");
    constexpr double kExactIntegers = 9007199254740992.0;   // 2^53
    if (value == std::floor(value) && std::abs(value) <= kExactIntegers)
        return static_cast<std::int64_t>(value);
    return value;
}

namespace {

Json in_unit(double value, std::string_view unit) {
    return unit == "bool" ? Json(value != 0) : json_number(value);
}

}  // namespace

Json json_estimate(const Estimate& estimate, std::string_view unit) {
    Json json;
    json["value"] = in_unit(estimate.value, unit);
    json["low"] = in_unit(estimate.low, unit);
    json["high"] = in_unit(estimate.high, unit);
    json["unit"] = unit;
    return json;
}

Json json_metric(const Metric& metric) {
    const MetricInfo* info = find_metric(metric.id);
    Json json = json_estimate(metric.value, info ? info->unit : "");
    json["source"] = metric.source;
    return json;
}

Json json_metrics(const std::vector<Metric>& metrics) {
    Json json = Json::object();
    for (const auto& metric : metrics) json[metric.id] = json_metric(metric);
    return json;
}

Json json_document(const Document& document) {
    return match(
        document.value, [](std::monostate) { return Json(nullptr); }, [](bool v) { return Json(v); },
        [](std::int64_t v) { return Json(v); }, [](double v) { return json_number(v); },
        [](const std::string& v) { return Json(v); },
        [](const Document::List& list) {
            Json json = Json::array();
            for (const auto& item : list) json.push_back(json_document(item));
            return json;
        },
        [](const Document::Map& map) {
            Json json = Json::object();
            for (const auto& [key, item] : map) json[key] = json_document(item);
            return json;
        });
}

std::string json_text(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string write_metrics_json(const std::vector<Metric>& metrics) {
    return json_text(Json{{"metrics", json_metrics(metrics)}});
}

std::string write_document_json(const Document& document) { return json_text(json_document(document)); }

}  // namespace moeplan
