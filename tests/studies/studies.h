#pragma once
// The studies that ship with the program, found on the disk: a new file is tested without a line here.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "core/scenario/scenario.h"
#include "sim/run.h"

namespace moeplan::testing {

inline std::vector<std::filesystem::path> yaml_files(const std::string& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(MOEPLAN_SOURCE_DIR "/" + folder)) {
        if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

inline std::vector<std::filesystem::path> studies() { return yaml_files("scenarios/studies"); }
inline std::vector<std::filesystem::path> claims() { return yaml_files("scenarios/claims"); }

inline std::string problems_text(const Problems& problems) {
    std::string text;
    for (const auto& p : problems) text += to_text(p) + "\n";
    return text;
}

inline std::string read_text(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

inline Result<Report> answered(const Scenario& scenario) {
    RunControl quiet;
    return run(scenario, builtin_catalog(), quiet);
}

struct Answer {
    Scenario scenario;
    Report report;
};

// A file's study and its answer, computed once however many tests ask. Errors are those of loading or running.
inline const Result<Answer>& answer_of(const std::filesystem::path& file) {
    static std::map<std::filesystem::path, Result<Answer>> answers;
    const auto found = answers.find(file);
    if (found != answers.end()) return found->second;
    const auto compute = [&]() -> Result<Answer> {
        auto scenario = load_scenario(file.string());
        if (!scenario) return tl::unexpected(scenario.error());
        auto report = answered(*scenario);
        if (!report) return tl::unexpected(report.error());
        return Answer{std::move(*scenario), std::move(*report)};
    };
    return answers.emplace(file, compute()).first->second;
}

}  // namespace moeplan::testing
