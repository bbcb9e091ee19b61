#pragma once
// Approved outputs: the text must equal tests/data/<name>. With MOEPLAN_APPROVE=1 in the environment the file
// is written instead, to be looked at and committed.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/catch.h"

namespace moeplan {

inline std::string read_text_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void check_approved(const std::string& text, const std::string& name) {
    const std::string path = std::string(MOEPLAN_SOURCE_DIR) + "/tests/data/" + name;
    if (std::getenv("MOEPLAN_APPROVE") != nullptr) {
        std::ofstream(path, std::ios::binary) << text;
        return;
    }
    const std::string approved = read_text_file(path);
    INFO("approved output " << name << "; run the test with MOEPLAN_APPROVE=1 to renew it");
    REQUIRE_FALSE(approved.empty());
    CHECK(text == approved);
}

}  // namespace moeplan
