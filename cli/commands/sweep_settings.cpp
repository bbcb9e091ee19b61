#include "cli/commands/sweep_settings.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <fmt/format.h>

#include "cli/session.h"
#include "core/base/units_text.h"

namespace moeplan::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostJobs = 4096;
constexpr std::uintmax_t kLargestStudy = 16u << 20;
constexpr std::uintmax_t kLargestCatalog = 1u << 30;

Result<std::string> read_text(const std::string& file, std::uintmax_t at_most) {
    std::error_code error;
    if (fs::is_directory(file, error)) return fail(wrong_at(file, "is a folder, not a file"));
    std::ifstream in(file, std::ios::binary);
    if (!in) return fail(wrong_at(file, "cannot be opened"));
    std::string text;
    for (char c = 0; text.size() <= at_most && in.get(c);) text += c;
    if (text.size() > at_most) return fail(wrong_at(file, fmt::format("larger than {} MiB", at_most >> 20)));
    if (in.bad()) return fail(wrong_at(file, "cannot be read"));
    return text;
}

std::string catalog_folder(const Arguments& arguments) {
    const char* variable = std::getenv("MOEPLAN_CATALOG");
    return arguments.text_or("--catalog", variable ? variable : "");
}

// Names and contents of a catalog of the user's own, in the order of their names.
Result<std::vector<std::string>> catalog_texts(const std::string& folder) {
    std::vector<std::string> texts;
    if (folder.empty()) return texts;
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        if (it->is_regular_file(error)) files.push_back(it->path());
    }
    if (error) return fail(wrong_at(folder, "cannot be read: " + error.message()));
    std::ranges::sort(files);
    for (const fs::path& file : files) {
        auto text = read_text(file.string(), kLargestCatalog);
        if (!text) return tl::unexpected(text.error());
        texts.push_back(file.lexically_relative(folder).generic_string());
        texts.push_back(std::move(*text));
    }
    return texts;
}

void read_lost_after(const Arguments& arguments, SweepSettings& settings, Problems& problems) {
    const auto text = arguments.text("--lost-after");
    if (!text) return;
    const auto seconds = parse_seconds(*text);
    if (seconds && seconds->value >= 1 && seconds->value <= 86400.0)
        settings.lost_after = std::chrono::milliseconds(static_cast<std::int64_t>(seconds->value * 1000));
    else
        problems.push_back(
            wrong_at("--lost-after", fmt::format("expected a time from 1 s to 24 h; found '{}'", *text)));
}

}  // namespace

Result<SweepSettings> read_sweep_settings(const Arguments& arguments) {
    SweepSettings settings;
    Problems problems;
    if (const auto folder = arguments.text("--out"); folder && !folder->empty()) settings.folder = *folder;
    else problems.push_back(wrong("there is no folder for the results", "name one with --out DIR"));
    if (const auto text = arguments.text("--shard")) {
        auto shard = parse_shard(*text);
        if (shard) settings.shard = *shard;
        else append(problems, std::move(shard.error()));
        settings.sharded = true;
    }
    settings.jobs = std::max(1u, std::thread::hardware_concurrency());
    if (const auto jobs = arguments.whole("--jobs", 1, kMostJobs, problems)) settings.jobs = static_cast<std::size_t>(*jobs);
    read_lost_after(arguments, settings, problems);
    settings.fresh = arguments.has("--fresh");
    settings.retry_failed = arguments.has("--retry-failed");
    if (settings.fresh && settings.sharded)
        problems.push_back(wrong_at("--fresh", "would throw away what the other shards have computed",
                                    "remove the folder, then start the shards"));
    if (!problems.empty()) return fail(std::move(problems));
    return settings;
}

namespace {

// A key that is given one value and swept: only one of the two can be meant.
Problems set_and_swept(const Arguments& arguments) {
    const auto path_of = [](const std::string& text) { return text.substr(0, text.find('=')); };
    Problems problems;
    for (const std::string& axis : arguments.all("--over")) {
        for (const std::string& set : arguments.all("--set")) {
            if (path_of(set) == path_of(axis)) problems.push_back(wrong_at("--over", fmt::format("'{}' is set to one value by --set {}", path_of(axis), set)));
        }
    }
    return problems;
}

}  // namespace

Result<SweepStudy> read_sweep_study(const Arguments& arguments) {
    if (arguments.words().empty()) return fail(wrong("a study is missing", "`moeplan sweep STUDY --out DIR`"));
    const std::string& file = arguments.words().front();
    auto text = read_text(file == "-" ? "/dev/stdin" : file, kLargestStudy);
    auto inputs = catalog_texts(catalog_folder(arguments));
    Problems problems = set_and_swept(arguments);
    if (!text) append(problems, std::move(text.error()));
    if (!inputs) append(problems, std::move(inputs.error()));
    if (!problems.empty()) return fail(std::move(problems));
    return SweepStudy::read({std::move(*text), file == "-" ? "standard input" : file, arguments.all("--set"),
                             arguments.all("--over"), MOEPLAN_VERSION, std::move(*inputs)});
}

}  // namespace moeplan::cli
