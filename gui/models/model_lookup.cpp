#include "gui/models/model_lookup.h"

#include <filesystem>
#include <map>
#include <tuple>

namespace moeplan {
namespace {

std::string folder_of(const Scenario& scenario) { return std::filesystem::path(scenario.file).parent_path().string(); }

// When the file behind a name was written last; the same for names of the catalog.
std::filesystem::file_time_type age_of(const std::string& model, const std::string& folder) {
    std::error_code wrong;
    std::filesystem::path path(model);
    if (path.is_relative() && !folder.empty()) path = std::filesystem::path(folder) / path;
    if (std::filesystem::is_directory(path, wrong)) path /= "config.json";
    const auto written = std::filesystem::last_write_time(path, wrong);
    return wrong ? std::filesystem::file_time_type::min() : written;
}

constexpr std::size_t kRemembered = 200;

}  // namespace

std::shared_ptr<const ModelSpec> look_up_model(const Catalog& catalog, const Scenario& scenario, const std::string& model) {
    if (model.empty()) return nullptr;
    if (const auto given = scenario.models.find(model); given != scenario.models.end())
        return std::make_shared<const ModelSpec>(given->second);
    using Key = std::tuple<const void*, std::string, std::string, std::filesystem::file_time_type>;
    static std::map<Key, std::shared_ptr<const ModelSpec>> known;
    const std::string folder = folder_of(scenario);
    Key key{&catalog.models(), folder, model, age_of(model, folder)};
    if (const auto found = known.find(key); found != known.end()) return found->second;
    auto read = find_model(catalog, model, folder);
    auto spec = read ? std::make_shared<const ModelSpec>(std::move(*read)) : nullptr;
    if (known.size() >= kRemembered) known.clear();
    known.emplace(std::move(key), spec);
    return spec;
}

Problems model_problems(const Catalog& catalog, const Scenario& scenario, const std::string& model) {
    if (look_up_model(catalog, scenario, model)) return {};
    auto read = find_model(catalog, model, folder_of(scenario));
    return read ? Problems{} : std::move(read.error());
}

}  // namespace moeplan
