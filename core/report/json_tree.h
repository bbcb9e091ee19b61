#pragma once
// Pieces the JSON writers share: ordered objects, finite numbers, metrics in their one form. Internal to
// core/report.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/base/document.h"
#include "core/base/estimate.h"
#include "core/report/report.h"

namespace moeplan {

using Json = nlohmann::ordered_json;

// Of the JSON report: what was added since can be missing when it is read.
constexpr const char* kReportVersion = "0.1";

// Whole numbers as integers. require()s a finite value: JSON has no other.
Json json_number(double value);
Json json_estimate(const Estimate& estimate, std::string_view unit);   // {value, low, high, unit}
Json json_metric(const Metric& metric);                                // … and source
Json json_metrics(const std::vector<Metric>& metrics);                 // {id: metric}
Json json_document(const Document& document);

// Indented by two, newline at the end; invalid UTF-8 in names is replaced, never thrown about.
std::string json_text(const Json& json);

}  // namespace moeplan
