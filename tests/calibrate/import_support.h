#pragma once
// What the tests of importers share.

#include <fstream>
#include <sstream>
#include <string>

#include "core/calibrate/import_file.h"
#include "core/calibrate/read_kernel_table.h"
#include "tests/support/catch.h"

inline std::string test_file(const std::string& name) {
    return std::string(MOEPLAN_SOURCE_DIR) + "/tests/data/calibrate/" + name;
}

inline std::string fixture(const std::string& name) {
    std::ifstream stream(test_file(name), std::ios::binary);
    REQUIRE(stream);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

inline moeplan::Imported imported(const std::string& name) {
    const auto result = moeplan::import_text(fixture(name), name);
    INFO((result ? std::string() : moeplan::to_text(result.error().front())));
    REQUIRE(result);
    return *result;
}

// All problems of a text that must be refused, one a line.
inline std::string refusal(const std::string& text, const std::string& name,
                           std::optional<moeplan::ImportKind> kind = {}) {
    const auto result = moeplan::import_text(text, name, kind);
    REQUIRE_FALSE(result);
    REQUIRE_FALSE(result.error().empty());
    std::string all;
    for (const auto& problem : result.error()) all += moeplan::to_text(problem) + "\n";
    return all;
}

inline std::string cell(const moeplan::ImportRow& row, const std::string& column) {
    const auto found = row.find(column);
    return found == row.end() ? "" : found->second;
}

inline std::string replaced(std::string text, const std::string& what, const std::string& by) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), by);
}

inline moeplan::KernelTable read_back(const moeplan::Imported& table) {
    std::istringstream stream(moeplan::write_import(table));
    auto read = moeplan::read_kernel_table(stream, "written.csv");
    INFO((read ? std::string() : moeplan::to_text(read.error().front())));
    REQUIRE(read);
    CHECK(read->skipped.empty());
    return *read;
}
