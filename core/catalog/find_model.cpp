#include <filesystem>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/catalog/catalog.h"
#include "core/catalog/names.h"
#include "core/model/import.h"

namespace moeplan {

namespace {

namespace fs = std::filesystem;

bool ends_with(const std::string& text, std::string_view ending) {
    return text.size() >= ending.size() &&
           same_name(std::string_view(text).substr(text.size() - ending.size()), ending);
}

Result<ModelSpec> import_entry(const ModelEntry& entry) {
    auto model = import_config_json(entry.config_json, entry.id);
    if (model) {
        model->id = entry.id;
        model->source = entry.source;
    }
    return model;
}

// Every name a model answers to, for "did you mean".
std::vector<std::string> all_names(const Catalog& catalog) {
    std::vector<std::string> names;
    for (const ModelEntry& entry : catalog.models()) {
        names.push_back(entry.id);
        if (const auto slash = entry.id.rfind('/'); slash != std::string::npos)
            names.push_back(entry.id.substr(slash + 1));
        names.insert(names.end(), entry.aliases.begin(), entry.aliases.end());
    }
    return names;
}

Result<ModelSpec> import_path(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
        const fs::path config = path / "config.json";
        if (!fs::exists(config, error))
            return fail({path.string(),
                         {},
                         "this folder has no config.json",
                         "give a config.json, its folder, or a .gguf"});
        return import_config_file(config.string());
    }
    return ends_with(path.string(), ".gguf") ? import_gguf_file(path.string())
                                             : import_config_file(path.string());
}

}  // namespace

Result<ModelSpec> find_model(const Catalog& catalog, const std::string& name_or_path,
                             const std::string& relative_to) {
    if (name_or_path.empty())
        return fail(
            {{}, {}, "a model is missing", "give a catalog id, a config.json, its folder, or a .gguf"});
    if (const ModelEntry* entry = catalog.model(name_or_path)) return import_entry(*entry);

    // A path in a study is relative to the study's file.
    std::error_code error;
    const fs::path given(name_or_path);
    const fs::path base = relative_to.empty()                    ? fs::path()
                          : fs::is_directory(relative_to, error) ? fs::path(relative_to)
                                                                 : fs::path(relative_to).parent_path();
    for (const fs::path& path : {base / given, given})
        if (fs::exists(path, error)) return import_path(path);

    if (const auto reason = catalog.undisclosed_reason(name_or_path))
        return fail({{},
                     {},
                     fmt::format("nothing can be computed for '{}': {}", name_or_path, *reason),
                     "a hypothetical model can be described under `models:`"});
    if (ends_with(name_or_path, ".json") || ends_with(name_or_path, ".gguf"))
        return fail({{},
                     {},
                     fmt::format("'{}' is not there", name_or_path),
                     "give a catalog id, a config.json, its folder, or a .gguf"});
    std::string hint = did_you_mean(name_or_path, all_names(catalog));
    if (hint.empty()) hint = "`moeplan describe model` lists the catalog; a path to a config.json works too";
    return fail({{},
                 {},
                 fmt::format("'{}' is neither a model of the catalog nor a path", name_or_path),
                 std::move(hint)});
}

}  // namespace moeplan
