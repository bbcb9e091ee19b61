#include "cli/study_files.h"

#include "cli/arguments.h"

#include <algorithm>
#include <filesystem>

namespace moeplan::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> below(const fs::path& folder, std::error_code& error) {
    std::vector<std::string> found;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        const auto extension = at->path().extension();
        std::error_code ignored;
        if ((extension == ".yaml" || extension == ".yml") && !at->is_directory(ignored))
            found.push_back(at->path().string());
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace

Result<std::vector<std::string>> study_files(const std::vector<std::string>& files_and_folders) {
    std::vector<std::string> files;
    Problems problems;
    for (const auto& given : files_and_folders) {
        std::error_code error;
        if (!fs::is_directory(given, error)) {
            files.push_back(given);   // what cannot be read is told by whoever reads it
            continue;
        }
        const auto found = below(given, error);
        if (error) problems.push_back(wrong_at(given, "this folder cannot be read: " + error.message()));
        else if (found.empty())
            problems.push_back(wrong_at(given, "there is no study (*.yaml) in this folder"));
        files.insert(files.end(), found.begin(), found.end());
    }
    if (!problems.empty()) return fail(std::move(problems));
    return files;
}

}  // namespace moeplan::cli
