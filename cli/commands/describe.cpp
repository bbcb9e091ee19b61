// moeplan describe [KIND [NAME]]: what names a study may use, and what each accepts.
#include <algorithm>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "cli/columns.h"
#include "cli/commands/commands.h"
#include "cli/commands/kinds.h"
#include "cli/session.h"
#include "core/base/nearest.h"

namespace moeplan::cli {
namespace {

std::vector<Item> kinds_as_items() {
    std::vector<Item> items;
    for (const auto& kind : all_kinds()) items.push_back({kind.name, kind.doc});
    return items;
}

Document item_document(const Item& item) {
    Document::List details;
    for (const auto& line : item.details) details.push_back(line);
    return Document::Map{
        {"name", item.name}, {"doc", item.doc}, {"details", details}, {"example", item.example}};
}

std::string list_text(const std::string& kind, const std::vector<Item>& items, const std::string& format,
                      const Console& console) {
    if (format == "names") {
        std::string names;
        for (const auto& item : items) names += item.name + "\n";
        return names;
    }
    if (format == "json") {
        Document::List list;
        for (const auto& item : items) list.push_back(item_document(item));
        return write_document_json(Document::Map{{kind, list}});
    }
    Columns columns({Align::left, Align::left});
    for (const auto& item : items) columns.add({item.name, item.doc});
    return columns.text(console);
}

std::string item_text(const Item& item, const Console& console) {
    std::string out = title(item.name, item.doc, console);
    for (const auto& detail : item.details) {
        std::string indent = "  ";
        for (const auto& line : wrapped(detail, console.style().width - 6)) {
            out += indent + shown(line, console) + "\n";
            indent = "      ";   // what goes on hangs
        }
    }
    std::istringstream example(item.example);
    if (!item.example.empty()) out += "\n";
    for (std::string line; std::getline(example, line);) out += "  " + line + "\n";
    return out;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

// A model, GPU or engine is also known by its other names.
std::string id_of(const std::string& kind, const std::string& name, const Catalog& catalog) {
    if (const auto* model = kind == "models" ? catalog.model(name) : nullptr) return model->id;
    if (const auto* device = kind == "gpus" || kind == "prices" ? catalog.device(name) : nullptr)
        return device->id;
    if (const auto* engine = kind == "engines" ? catalog.engine(name) : nullptr) return engine->id;
    return name;
}

ExitCode show_item(const Kind& kind, const std::string& name, const Catalog& catalog,
                   const std::string& format, Console& console) {
    const auto items = kind.items(catalog);
    const std::string id = lower(id_of(kind.name, name, catalog));
    const auto found = std::ranges::find_if(items, [&](const Item& item) { return lower(item.name) == id; });
    if (found == items.end()) {
        std::vector<std::string> names;
        for (const auto& item : items) names.push_back(item.name);
        const std::string hint = did_you_mean(name, names);
        return console.report(
            {wrong(fmt::format("there is no {} '{}'", kind.singular, name),
                   hint.empty() ? "`moeplan describe " + kind.name + "` lists them" : hint)});
    }
    console.print(format == "json"    ? write_document_json(item_document(*found))
                  : format == "names" ? found->name + "\n"
                                      : item_text(*found, console));
    return ExitCode::fine;
}

ExitCode describe_names(const Arguments& arguments, Console& console) {
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    const auto& words = arguments.words();
    const std::string format = arguments.text_or("--format", "table");
    if (words.empty()) {
        console.print(list_text("kinds", kinds_as_items(), format, console));
        return ExitCode::fine;
    }
    const Kind* kind = find_kind(words[0]);
    if (!kind) {
        std::vector<std::string> names;
        for (const auto& known : all_kinds()) names.push_back(known.name);
        const std::string hint = did_you_mean(words[0], names);
        return console.report({wrong(fmt::format("'{}' is no kind of name", words[0]),
                                     hint.empty() ? "one of " + one_of(names, 20) : hint)});
    }
    if (words.size() > 1) return show_item(*kind, words[1], *catalog, format, console);
    console.print(list_text(kind->name, kind->items(*catalog), format, console));
    return ExitCode::fine;
}

}  // namespace

Command describe_command() {
    return {
        .name = "describe",
        .summary = "List what a study may name: routings, metrics, engines, scores …, and what each takes.",
        .doc = "Without a KIND the kinds are listed.",
        .words = {{.name = "KIND",
                   .doc = "models, gpus, engines, prices, scores, metrics, objectives, routings, placements, "
                          "loads, lengths, "
                          "layouts, formats, sweep-axes or simulations"},
                  {.name = "NAME", .doc = "one of that kind"}},
        .options = {format_option({"table", "json", "names"})},
        .examples = {"moeplan describe routings", "moeplan describe metric usd_per_correct_answer",
                     "moeplan describe scores gpqa_diamond"},
        .run = describe_names};
}

}  // namespace moeplan::cli
