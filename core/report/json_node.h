#pragma once
// A place in a JSON text being read, for readers that stop at the first thing that is wrong. Internal to core/report.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/estimate.h"
#include "core/base/result.h"
#include "core/report/json_tree.h"

namespace moeplan {

// The first problem; after it every getter answers with an empty value and lists are at their end.
struct JsonFault {
    std::string file;
    std::optional<Problem> problem;
};

// What it points to outlives it.
class JsonNode {
public:
    JsonNode(const Json& json, JsonFault& fault) : JsonNode(&json, {}, fault) {}

    JsonNode at(std::string_view key) const;                   // a member that must be there
    std::optional<JsonNode> find(std::string_view key) const;  // nothing when it is absent or null

    std::string text() const;
    bool boolean() const;
    double number() const;                                     // true and false are 1 and 0: metrics of unit bool
    std::int64_t whole() const;                                // within ±2^53
    std::int64_t size() const;                                 // 0 … 2^53
    std::uint64_t count() const;
    Estimate estimate() const;                                 // {value, low, high}, in order
    std::vector<double> numbers() const;
    std::vector<std::string> texts() const;
    std::vector<std::pair<double, double>> pairs() const;      // [[a, b], …]
    Document document() const;

    std::vector<JsonNode> list() const;
    std::vector<std::pair<std::string, JsonNode>> members() const;

    // "…: expected {expected}, found a string".
    void blame(std::string_view expected) const;
    // The same with words of one's own.
    void say(std::string what, std::string hint = {}) const;
    bool sound() const { return !fault_->problem; }

private:
    JsonNode(const Json* json, std::string path, JsonFault& fault) : json_(json), path_(std::move(path)), fault_(&fault) {}
    JsonNode child(const Json& json, std::string_view key) const;
    JsonNode child(const Json& json, std::size_t index) const;

    const Json* json_;
    std::string path_;   // "candidates[1].metrics.tpot_ms"
    JsonFault* fault_;
};

}  // namespace moeplan
