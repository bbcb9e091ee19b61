#include <algorithm>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/catalog/readers.h"

namespace moeplan {

std::string required_text(const YamlNode& map, std::string_view key) {
    const YamlNode node = map[key];
    if (!node.exists()) {
        map.problem(fmt::format("'{}' is missing", key));
        return {};
    }
    return node.text().value_or(std::string{});
}

std::vector<std::string> names_of(const YamlNode& node) {
    std::vector<std::string> names;
    if (!node.exists()) return names;
    if (node.is_map()) {
        node.problem("a name or a list of names is expected");
        return names;
    }
    const std::size_t count = node.is_list() ? node.size() : 1;
    for (std::size_t i = 0; i < count; ++i)
        if (auto name = (node.is_list() ? node.at(i) : node).raw()) names.push_back(std::move(*name));
    return names;
}

std::optional<Estimate> seconds_estimate(const YamlNode& node) {
    if (!node.is_map()) {
        const auto exact = node.seconds();
        return exact ? std::optional(Estimate::exact(exact->value)) : std::nullopt;
    }
    const auto value = node["value"].seconds();
    const auto low = node["low"].seconds();
    const auto high = node["high"].seconds();
    node.reject_unknown_keys();
    if (!value || !low || !high) return std::nullopt;
    if (low->value > value->value || value->value > high->value) {
        node.problem("low <= value <= high does not hold");
        return std::nullopt;
    }
    return Estimate{value->value, low->value, high->value};
}

namespace {

bool covers(const std::string& of, const std::string& field) {
    return of == field ||
           (field.size() > of.size() && field.compare(0, of.size(), of) == 0 && field[of.size()] == '.');
}

}  // namespace

std::vector<Datum> read_sources(const YamlNode& entry, const std::vector<std::string>& given) {
    std::vector<Datum> sources;
    const YamlNode list = entry["sources"];
    if (list.exists() && !list.is_list()) list.problem("a list of {of: [fields], source: text} is expected");
    for (std::size_t i = 0; list.is_list() && i < list.size(); ++i) {
        const YamlNode row = list.at(i);
        const std::string source = required_text(row, "source");
        const std::string note =
            row["note"].exists() ? row["note"].text().value_or(std::string{}) : std::string{};
        const std::vector<std::string> fields = names_of(row["of"]);
        if (fields.empty()) row.problem("'of' is missing: which figures is this the source of?");
        for (const std::string& field : fields) {
            const bool used =
                std::any_of(given.begin(), given.end(), [&](const auto& g) { return covers(field, g); });
            if (!used)
                row["of"].problem(fmt::format("'{}' is not a figure given here", field),
                                  did_you_mean(field, given));
            sources.push_back({field, source, note});
        }
        row.reject_unknown_keys();
    }
    for (const std::string& field : given) {
        const bool covered = std::any_of(sources.begin(), sources.end(),
                                         [&](const Datum& d) { return covers(d.field, field); });
        if (!covered)
            entry.problem(fmt::format("'{}' has no source", field),
                          "add it to `of` of an entry of `sources`");
    }
    return sources;
}

}  // namespace moeplan
