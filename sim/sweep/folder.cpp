#include "sim/sweep/folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "core/base/csv_table.h"
#include "sim/sweep/folder_parts.h"
#include "sim/sweep/rows.h"

namespace moeplan {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostShards = 1'000'000;
constexpr std::string_view kFailed = ".failed.csv";

// "part-2of4.csv", "part-2of4.failed.csv".
bool is_part(std::string_view name) {
    if (!name.starts_with("part-") || !name.ends_with(".csv")) return false;
    name.remove_prefix(5);
    name.remove_suffix(name.ends_with(kFailed) ? kFailed.size() : 4);
    const auto of = name.find("of");
    const auto is_number = [](std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos; };
    return of != std::string_view::npos && is_number(name.substr(0, of)) && is_number(name.substr(of + 2));
}

bool is_ours(std::string_view name) { return is_part(name) || name == "manifest.json" || name == "results.csv" || name == "failed.csv"; }

bool someone_writes(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    const bool busy = ::flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    (void)::close(file);
    return busy;
}

std::vector<std::string> files_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
        names.push_back(it->path().filename().string());
    std::ranges::sort(names);
    return names;
}

}  // namespace

Result<Shard> parse_shard(std::string_view text) {
    Shard shard;
    const auto slash = text.find('/');
    const auto read = [](std::string_view part, std::uint64_t& value) {
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
        return !part.empty() && error == std::errc{} && end == part.data() + part.size();
    };
    if (slash == std::string_view::npos || !read(text.substr(0, slash), shard.index) ||
        !read(text.substr(slash + 1), shard.of))
        return fail({"--shard", {}, fmt::format("'{}' is no shard", text), "write i/n, such as 2/4"});
    if (shard.index < 1 || shard.of < 1 || shard.index > shard.of || shard.of > kMostShards)
        return fail({"--shard", {}, fmt::format("there is no shard {}", text),
                     fmt::format("shards are 1/n to n/n, n at most {}", kMostShards)});
    return shard;
}

std::string part_path(const std::string& folder, const Shard& shard, PartKind kind) {
    const std::string_view end = kind == PartKind::results ? ".csv" : kFailed;
    return (fs::path(folder) / fmt::format("part-{}of{}{}", shard.index, shard.of, end)).string();
}

PartForm form_of(const Grid& grid, PartKind kind) {
    return {kind, kind == PartKind::results ? result_columns(grid) : failure_columns(grid), grid.points()};
}

std::vector<std::string> parts_in(const std::string& folder, PartKind kind) {
    std::vector<std::string> paths;
    for (const std::string& name : files_in(folder)) {
        if (is_part(name) && name.ends_with(kFailed) == (kind == PartKind::failures))
            paths.push_back((fs::path(folder) / name).string());
    }
    return paths;
}

std::string kind_of_failure(std::string_view line, const PartForm& form) {
    std::vector<std::string> fields;
    split_csv_line(line.substr(0, line.size() - 2), fields);
    return fields.size() == form.columns.size() ? fields[fields.size() - 2] : std::string{};
}

std::uint64_t FolderState::count(PointState state) const {
    return static_cast<std::uint64_t>(std::ranges::count(points, state));
}

Result<FolderState> read_folder(const std::string& folder, const Grid& grid) {
    FolderState state;
    state.points.assign(static_cast<std::size_t>(grid.points()), PointState::open);
    const PartForm failures = form_of(grid, PartKind::failures);
    for (const std::string& path : parts_in(folder, PartKind::failures)) {
        const auto read = read_part(path, failures, [&](const PartPoint& found) {
            PointState& at = state.points[static_cast<std::size_t>(found.point)];
            if (kind_of_failure(found.text, failures) != "crashed") at = PointState::failed;
            else if (at == PointState::open) at = PointState::crashed;
        });
        if (!read) return tl::unexpected(read.error());
    }
    const PartForm results = form_of(grid, PartKind::results);
    for (const std::string& path : parts_in(folder, PartKind::results)) {
        const auto read = read_part(path, results, [&](const PartPoint& found) {
            state.points[static_cast<std::size_t>(found.point)] = PointState::answered;
        });
        if (!read) return tl::unexpected(read.error());
    }
    return state;
}

std::string result_in(const std::string& folder) {
    for (const std::string& name : files_in(folder)) {
        if (is_ours(name)) return name;
    }
    return {};
}

Problems empty_folder(const std::string& folder) {
    if (result_in(folder).empty()) return {};
    if (const auto manifest = read_manifest(folder); !manifest) return manifest.error();   // files of somebody else
    const auto names = files_in(folder);
    for (const std::string& name : names) {
        const std::string path = (fs::path(folder) / name).string();
        if (is_part(name) && someone_writes(path))
            return {{path, {}, "is being written by another moeplan", "wait for it, or name another folder"}};
    }
    Problems problems;
    for (const std::string& name : names) {
        if (!is_ours(name)) continue;
        std::error_code error;
        fs::remove(fs::path(folder) / name, error);
        if (error) problems.push_back({(fs::path(folder) / name).string(), {}, "cannot be removed: " + error.message(), {}});
    }
    return problems;
}

}  // namespace moeplan
