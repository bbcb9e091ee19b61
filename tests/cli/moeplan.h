#pragma once
// The built program, driven as a user drives it.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/process.h"
#include "tests/support/scratch.h"

namespace moeplan::test {

using moeplan::Scratch;
using moeplan::text_of;

inline std::string source(const std::string& path) { return std::string(MOEPLAN_SOURCE_DIR) + "/" + path; }
inline std::string example_study() { return source("scenarios/studies/mixtral-vs-llama70b.yaml"); }

inline Started program(std::vector<std::string> words) {
    words.insert(words.begin(), std::string(MOEPLAN_BINARY_DIR) + "/bin/moeplan");
    Started start;
    start.words = std::move(words);
    // The same everywhere, whatever terminal or CI the tests run in.
    start.environment = {
        {"NO_COLOR", ""}, {"MOEPLAN_CATALOG", ""}, {"COLUMNS", ""}, {"LC_ALL", "C.UTF-8"}, {"TERM", "xterm"}};
    return start;
}

inline Finished run(std::vector<std::string> words) { return run_program(program(std::move(words))); }

// A study of one small model that every GPU holds.
inline std::string small_study(const std::string& more = "") {
    return "name: small\ncandidates:\n"
           "  - {name: a, model: meta-llama/Meta-Llama-3-8B, gpu: h100_sxm, count: 1}\n" +
           more;
}

inline std::size_t lines_in(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace moeplan::test
