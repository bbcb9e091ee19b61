#pragma once
// A measured request as a JSON object, its values put into Pieces. Private to sim/trace.

#include <string>

#include <nlohmann/json.hpp>

#include "sim/trace/json_values.h"
#include "sim/trace/measured_parts.h"

namespace moeplan::trace {

// What of a result's keys is kept.
Keep keep_measured(std::string_view key);

// One value of a request; false: it is not what its key holds.
bool read_value(const Key& key, const nlohmann::json& value, const JsonValues& source, Pieces& pieces);
// A request as an object; its values may lie in metrics, metadata, info and response_metrics. What is wrong, or an empty text.
std::string read_request(const nlohmann::json& object, const JsonValues& source, Pieces& pieces);

}  // namespace moeplan::trace
