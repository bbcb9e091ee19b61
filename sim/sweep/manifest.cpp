#include "sim/sweep/manifest.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/json_text.h"
#include "core/base/write_file.h"
#include "sim/sweep/folder.h"

namespace moeplan {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::uintmax_t kLargest = 1u << 30;

std::string text_of(const Manifest& m) {
    Json axes = Json::array();
    for (const GridAxis& axis : m.grid.axes)
        axes.push_back({{"name", axis.name}, {"of", axis.is_path ? "over" : "sweep"}, {"values", axis.values}});
    const Json json{{"moeplan", m.version},         {"study", m.study}, {"name", m.name},
                    {"fingerprint", m.fingerprint}, {"points", m.points}, {"set", m.sets},
                    {"axes", std::move(axes)}};
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Manifest parse(const Json& json) {
    Manifest m;
    m.version = json.at("moeplan").get<std::string>();
    m.study = json.at("study").get<std::string>();
    m.name = json.at("name").get<std::string>();
    m.fingerprint = json.at("fingerprint").get<std::string>();
    m.points = json.at("points").get<std::uint64_t>();
    m.sets = json.at("set").get<std::vector<std::string>>();
    for (const Json& axis : json.at("axes"))
        m.grid.axes.push_back({axis.at("name").get<std::string>(), axis.at("values").get<std::vector<std::string>>(),
                               axis.at("of").get<std::string>() == "over"});
    return m;
}

Problem no_manifest(const std::string& path, const std::string& why) {
    return {path, {}, "is no manifest of a sweep: " + why, "name a folder that `moeplan sweep` wrote"};
}

// The first of several wins: link() fails when the name is taken, rename() would not.
Problems publish(const std::string& path, const std::string& text, bool& first) {
    const std::string mine = fmt::format("{}.{}.tmp", path, ::getpid());
    if (auto problems = write_file_atomically(mine, text); !problems.empty()) {
        problems.front().where = path;
        return problems;
    }
    first = ::link(mine.c_str(), path.c_str()) == 0;
    int error = first || errno == EEXIST ? 0 : errno;
    // A file system without hard links: the window between looking and renaming is all that is left open.
    if (error == EPERM || error == EOPNOTSUPP || error == ENOSYS || error == EMLINK) {
        std::error_code ignored;
        first = !fs::exists(path, ignored);
        error = first && ::rename(mine.c_str(), path.c_str()) != 0 ? errno : 0;
    }
    (void)::unlink(mine.c_str());
    if (error == 0) return {};
    return {{path, {}, "cannot be written: " + std::generic_category().message(error), {}}};
}

}  // namespace

std::string manifest_path(const std::string& folder) { return (fs::path(folder) / "manifest.json").string(); }

Manifest manifest_of(const SweepStudy& study) {
    return {study.order().version, study.order().file, study.name(), study.fingerprint(),
            study.grid().points(), study.order().sets, study.grid()};
}

Result<Manifest> read_manifest(const std::string& folder) {
    const std::string path = manifest_path(folder);
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error) return fail({path, {}, "cannot be read: " + error.message(), "name a folder that `moeplan sweep` wrote"});
    if (size > kLargest) return fail(no_manifest(path, "larger than 1 GiB"));
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in.good() && !in.eof()) return fail({path, {}, "cannot be read", {}});
    if (safe_json(text).deepest > 16) return fail(no_manifest(path, "too deep"));
    try {
        Manifest manifest = parse(Json::parse(text));
        if (!check_grid(manifest.grid).empty() || manifest.points != manifest.grid.points())
            return fail(no_manifest(path, "its axes do not make its points"));
        return manifest;
    } catch (const nlohmann::json::exception& wrong) {
        const bool is_json = dynamic_cast<const nlohmann::json::parse_error*>(&wrong) == nullptr;
        return fail(no_manifest(path, is_json ? "it has not the keys of one" : "it is no JSON"));
    }
}

Problems claim_folder(const std::string& folder, const Manifest& manifest) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return {{folder, {}, "this folder cannot be made: " + error.message(), {}}};
    const std::string path = manifest_path(folder);
    if (!fs::exists(path, error)) {
        // Others may be about to write theirs, and results after it.
        if (const std::string other = result_in(folder); !other.empty() && !fs::exists(path, error)) {
            return {{(fs::path(folder) / other).string(), {}, "is there already, and no manifest says that it is a sweep's", "name another folder"}};
        }
        bool first = false;
        if (auto problems = publish(path, text_of(manifest), first); !problems.empty() || first) return problems;
    }
    const auto there = read_manifest(folder);
    if (!there) return there.error();
    if (there->fingerprint == manifest.fingerprint && there->points == manifest.points) return {};
    return {{folder, {},
             fmt::format("holds another sweep: {} points of {} by version {} (fingerprint {}), not {} points of {} by "
                         "version {} (fingerprint {})",
                         there->points, there->study, there->version, there->fingerprint, manifest.points, manifest.study,
                         manifest.version, manifest.fingerprint),
             "name another folder, or throw that one's results away with --fresh"}};
}

}  // namespace moeplan
