#include <fmt/format.h>

#include "core/catalog/readers.h"

namespace moeplan {

namespace {

constexpr double kMostBillions = 1e6;

PublishedCount read_published(const YamlNode& node) {
    PublishedCount out;
    if (!node.exists()) return out;
    if (node["total_b"].exists()) out.total_b = node["total_b"].number(1e-6, kMostBillions);
    if (node["active_b"].exists()) out.active_b = node["active_b"].number(1e-6, kMostBillions);
    out.source = required_text(node, "source");
    if (node["note"].exists()) out.note = node["note"].text().value_or(std::string{});
    if (out.total_b && out.active_b && *out.active_b > *out.total_b)
        node.problem("more active than total parameters");
    node.reject_unknown_keys();
    return out;
}

// The text of the file that `key` names beside the index.
std::string read_beside(const YamlNode& entry, std::string_view key, const ReadText& read_text) {
    const YamlNode node = entry[key];
    if (!node.exists()) return {};
    const auto name = node.text();
    if (!name) return {};
    auto text = read_text(*name);
    if (!text)
        node.problem(fmt::format("'{}' cannot be read", *name), "the path is relative to the catalog folder");
    return text.value_or(std::string{});
}

}  // namespace

std::vector<ModelEntry> read_models(const YamlNode& root, const ReadText& read_text) {
    std::vector<ModelEntry> out;
    if (!root.is_map()) {
        root.problem("a map from model id to {config, aliases, source} is expected");
        return out;
    }
    for (const std::string& id : root.keys()) {
        const YamlNode node = root[id];
        ModelEntry entry;
        entry.id = id;
        entry.aliases = names_of(node["aliases"]);
        entry.config_json = read_beside(node, "config", read_text);
        if (!node["config"].exists()) node.problem("'config' is missing: a config.json beside this file");
        entry.source = required_text(node, "source");
        entry.published = read_published(node["published"]);
        node.reject_unknown_keys();
        out.push_back(std::move(entry));
    }
    return out;
}

}  // namespace moeplan
