#include "cli/baseline.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/yaml/reader.h"

namespace moeplan::cli {
namespace {

constexpr std::string_view kExample = "{\"checks\": [{\"file\": …, \"name\": …, \"verdict\": \"holds\"}]}";

// JSON is YAML, so the reader of studies, with its limits and line numbers, reads it too.
Result<std::vector<RecordedVerdict>> read(YamlFile file) {
    static const std::vector<std::string> names{"holds", "conditional", "fails"};
    std::vector<RecordedVerdict> verdicts;
    const YamlNode root = file.root();
    if (root.expect_map(kExample) && root["checks"].expect_list(kExample)) {
        for (const auto& check : root["checks"].items()) {
            const auto path = check["file"].raw(), name = check["name"].raw();
            const auto verdict = check["verdict"].choice(names);
            if (path && name && verdict) verdicts.push_back({*path, *name, names[*verdict]});
            else check.problem(fmt::format("expected a check such as {}", kExample));
        }
    }
    if (!file.problems().empty()) return fail(file.problems());
    return verdicts;
}

// Several checks of one study may have the same name: they are told apart by their order.
std::map<std::pair<std::string, std::string>, std::vector<std::string>> grouped(
    const std::vector<RecordedVerdict>& verdicts) {
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> groups;
    for (const auto& v : verdicts) groups[{v.file, v.name}].push_back(v.verdict);
    return groups;
}

}  // namespace

Result<std::vector<RecordedVerdict>> load_verdicts(const std::string& file) {
    auto parsed = YamlFile::load(file);
    return parsed ? read(std::move(*parsed)) : tl::unexpected(parsed.error());
}

Result<std::vector<RecordedVerdict>> parse_verdicts(std::string_view json, const std::string& name) {
    auto parsed = YamlFile::parse(json, name);
    return parsed ? read(std::move(*parsed)) : tl::unexpected(parsed.error());
}

std::vector<std::string> differences(const std::vector<RecordedVerdict>& before,
                                     const std::vector<RecordedVerdict>& now,
                                     const std::vector<std::string>& files) {
    auto old = grouped(before), current = grouped(now);
    std::vector<std::string> changes;
    for (const auto& [key, verdicts] : current) {
        const auto& was = old[key];
        const std::string name = key.first + ": " + key.second;
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            if (i >= was.size() && verdicts[i] == "fails") changes.push_back(name + ": is new and fails");
            if (i < was.size() && was[i] != verdicts[i]) {
                changes.push_back(fmt::format("{}: was {}, is {}", name, was[i], verdicts[i]));
            }
        }
    }
    for (const auto& [key, verdicts] : old) {
        const bool checked = std::ranges::find(files, key.first) != files.end();
        if (checked && current[key].size() < verdicts.size()) {
            changes.push_back(fmt::format("{}: {}: was {}, is gone", key.first, key.second, verdicts.back()));
        }
    }
    return changes;
}

}  // namespace moeplan::cli
