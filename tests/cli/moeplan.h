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

namespace moeplan::test {

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

inline std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

// A folder of its own, gone afterwards.
class Scratch {
public:
    Scratch() {
        std::string pattern = (std::filesystem::temp_directory_path() / "moeplan-cli-XXXXXX").string();
        if (!mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
        path_ = pattern;
    }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    std::string path(const std::string& name) const { return (path_ / name).string(); }
    std::string file(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << text;
        return path(name);
    }

private:
    std::filesystem::path path_;
};

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
