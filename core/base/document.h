#pragma once
// An ordered tree of scalars, lists and maps: what a scenario or report looks like on its way to YAML or JSON.
// Keeps both libraries out of everything but their owners.

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace moeplan {

struct Document {
    using List = std::vector<Document>;
    using Map = std::vector<std::pair<std::string, Document>>;
    std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Map> value;

    Document() = default;
    Document(bool v) : value(v) {}
    Document(std::int64_t v) : value(v) {}
    Document(int v) : value(static_cast<std::int64_t>(v)) {}
    Document(double v) : value(v) {}
    Document(const char* v) : value(std::string(v)) {}
    Document(std::string v) : value(std::move(v)) {}
    Document(List v) : value(std::move(v)) {}
    Document(Map v) : value(std::move(v)) {}

    bool operator==(const Document&) const = default;
};

}  // namespace moeplan
