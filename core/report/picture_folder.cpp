#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "core/base/json_text.h"
#include "core/report/html_page.h"
#include "core/report/json_node.h"

namespace moeplan {
namespace {

constexpr std::size_t kMostPictures = 100, kLargestFile = std::size_t{16} << 20;
constexpr int kDeepest = 16;

Result<std::string> contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail({path, {}, std::string("cannot be read: ") + std::strerror(errno), {}});
    std::string text(kLargestFile + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > kLargestFile) return fail({path, {}, "larger than 16 MiB", {}});
    return text;
}

Result<Json> parse(const std::string& text, const std::string& file) {
    const SafeJson scanned = safe_json(text);
    if (scanned.deepest > kDeepest) return fail({file, {}, fmt::format("nested {} deep, expected a list of pictures", scanned.deepest), {}});
    try {
        return Json::parse(scanned.text);
    } catch (const Json::exception&) {
        return fail({file, {}, "not valid JSON", {}});
    }
}

struct Named {
    EmbeddedPicture picture;
    std::string light, dark;   // files
};

std::string plain_name(const JsonNode& json) {
    std::string name = json.text();
    if (name.empty() || name.front() == '.' || name.find_first_of("/\\") != std::string::npos) json.say("expected the name of a file in the same folder");
    return name;
}

std::vector<Named> named_in(const JsonNode& root) {
    std::vector<Named> all;
    const auto list = root.list();
    if (list.size() > kMostPictures) root.say(fmt::format("{} pictures, expected at most {}", list.size(), kMostPictures));
    for (const JsonNode& item : list) {
        const auto nothing = item.find("nothing");
        if (nothing && !nothing->text().empty()) continue;
        const JsonNode files = item.at("files");
        all.push_back({{item.at("id").text(), item.at("title").text(), item.at("meaning").text(), item.at("page").text(), {}, {}},
                       plain_name(files.at("light")), plain_name(files.at("dark"))});
    }
    return all;
}

}  // namespace

Result<std::vector<EmbeddedPicture>> read_picture_folder(const std::string& folder) {
    const std::string file = folder + "/pictures.json";
    const auto text = contents(file);
    if (!text) return tl::unexpected(text.error());
    const auto json = parse(*text, file);
    if (!json) return tl::unexpected(json.error());
    JsonFault fault{file, {}};
    auto named = named_in(JsonNode(*json, fault));
    if (fault.problem) return fail(*std::move(fault.problem));
    std::vector<EmbeddedPicture> pictures;
    for (Named& n : named) {
        for (const auto& [name, svg] : {std::pair{&n.light, &n.picture.svg_light}, std::pair{&n.dark, &n.picture.svg_dark}}) {
            auto drawing = contents(folder + "/" + *name);
            if (!drawing) return tl::unexpected(drawing.error());
            *svg = std::move(*drawing);
        }
        pictures.push_back(std::move(n.picture));
    }
    return pictures;
}

}  // namespace moeplan
