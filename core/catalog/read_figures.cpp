#include <fmt/format.h>

#include "core/catalog/readers.h"

namespace moeplan {

namespace {

template <class Q>
void read_rate(const YamlNode& root, std::string_view key, Q& into,
               std::optional<Q> (YamlNode::*read)() const, std::vector<Datum>& sources) {
    const YamlNode entry = root[key];
    if (!entry.exists()) {
        if (into.value <= 0) root.problem(fmt::format("'{}' is missing", key));
        return;
    }
    const YamlNode value = entry["value"];
    if (!value.exists()) entry.problem("'value' is missing");
    else if (const auto q = (value.*read)()) {
        if (q->value > 0) into = *q;
        else value.problem("a positive figure is expected");
    }
    const std::string note =
        entry["note"].exists() ? entry["note"].text().value_or(std::string{}) : std::string{};
    sources.push_back({std::string(key), required_text(entry, "source"), note});
    entry.reject_unknown_keys();
}

}  // namespace

StorageRates read_storage(const YamlNode& root, const StorageRates& known) {
    StorageRates out = known;
    std::vector<Datum> given;
    read_rate(root, "disk", out.disk, &YamlNode::bytes_per_second, given);
    read_rate(root, "network", out.network, &YamlNode::bytes_per_second, given);
    read_rate(root, "page_cache", out.page_cache, &YamlNode::bytes_per_second, given);
    read_rate(root, "engine_start", out.engine_start, &YamlNode::seconds, given);
    root.reject_unknown_keys();
    for (Datum& datum : given) {
        std::erase_if(out.sources, [&](const Datum& old) { return old.field == datum.field; });
        out.sources.push_back(std::move(datum));
    }
    return out;
}

std::vector<Figure> read_figures(const YamlNode& root) {
    std::vector<Figure> out;
    if (!root.is_list()) {
        root.problem("a list of {id, value, unit, date, source} is expected");
        return out;
    }
    for (std::size_t i = 0; i < root.size(); ++i) {
        const YamlNode row = root.at(i);
        Figure figure;
        figure.id = required_text(row, "id");
        if (const YamlNode value = row["value"]; !value.exists()) row.problem("'value' is missing");
        else figure.value = value.number(0).value_or(0);
        if (row["unit"].exists()) figure.unit = row["unit"].text().value_or(std::string{});
        figure.date = required_text(row, "date");
        figure.source = required_text(row, "source");
        row.reject_unknown_keys();
        out.push_back(std::move(figure));
    }
    return out;
}

std::vector<UndisclosedModel> read_undisclosed(const YamlNode& root) {
    std::vector<UndisclosedModel> out;
    if (!root.is_list()) {
        root.problem("a list of {pattern, reason} is expected");
        return out;
    }
    for (std::size_t i = 0; i < root.size(); ++i) {
        const YamlNode row = root.at(i);
        out.push_back({required_text(row, "pattern"), required_text(row, "reason")});
        row.reject_unknown_keys();
    }
    return out;
}

}  // namespace moeplan
