#pragma once
// Configs of the catalog as JSON that a test may change, and what importing them gives.

#include <fstream>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "core/model/count.h"
#include "core/model/import.h"
#include "tests/support/catch.h"

namespace moeplan {

inline std::string read_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

inline nlohmann::json catalog_config(const std::string& name) {
    return nlohmann::json::parse(
        read_text(std::string(MOEPLAN_SOURCE_DIR) + "/scenarios/catalog/models/" + name + ".json"));
}

inline std::string to_text(const Problems& problems) {
    std::string text;
    for (const auto& p : problems) text += to_text(p) + "\n";
    return text;
}

inline ModelSpec imported(const nlohmann::json& config) {
    const auto model = import_config_json(config.dump(), "config.json");
    if (!model) FAIL(to_text(model.error()));
    return *model;
}

inline ModelSpec from_catalog(const std::string& name) { return imported(catalog_config(name)); }

// The problems of a text that must not be importable.
inline Problems problems_of(const std::string& text) {
    const auto model = import_config_json(text, "config.json");
    REQUIRE_FALSE(model);
    REQUIRE_FALSE(model.error().empty());
    return model.error();
}

inline std::string refusal(const nlohmann::json& config) { return to_text(problems_of(config.dump())); }

}  // namespace moeplan
