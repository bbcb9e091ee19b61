#include "cli/commands/calibrate_places.h"

#include <unistd.h>

#include <filesystem>

#include <fmt/format.h>

#include "cli/arguments.h"
#include "cli/commands/calibrate_tables.h"
#include "gpu/calibrator/journal.h"

namespace moeplan::cli {

namespace fs = std::filesystem;

std::string numbered(const std::string& file, std::size_t i, std::size_t of) {
    if (of == 1) return file;
    const fs::path path(file);
    return (path.parent_path() / fmt::format("{}-{}{}", path.stem().string(), i + 1, path.extension().string()))
        .string();
}

std::string journal_beside(const std::string& profile) { return without_json(profile) + ".journal.jsonl"; }

Problems not_writable(const std::string& option, const std::string& file) {
    std::error_code error;
    if (fs::is_directory(file, error)) return {wrong_at(option, fmt::format("'{}' is a folder; expected a file", file))};
    const fs::path folder = fs::path(file).has_parent_path() ? fs::path(file).parent_path() : fs::path(".");
    if (!fs::is_directory(folder, error))
        return {wrong_at(option, fmt::format("'{}' cannot be written: there is no folder '{}'", file, folder.string()))};
    // A file is replaced by a new one in its folder; what is no file (/dev/null) is written to.
    const bool plain = !fs::exists(file, error) || fs::is_regular_file(file, error);
    if (::access(plain ? folder.c_str() : file.c_str(), W_OK) != 0)
        return {wrong_at(option, fmt::format("'{}' cannot be written: no right to write {}", file, plain ? fmt::format("into '{}'", folder.string()) : "to it"))};
    return {};
}

Result<Begun> begun_with(const std::string& journal) {
    if (!Journal::exists(journal)) return Begun{};
    const auto content = read_journal(journal);
    if (!content) return tl::unexpected(content.error());
    return Begun{content->header.worker, content->header.study};
}

}  // namespace moeplan::cli
