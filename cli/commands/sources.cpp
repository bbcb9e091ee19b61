#include "cli/commands/sources.h"

#include <algorithm>

namespace moeplan::cli {

std::vector<std::pair<std::string, std::string>> sources_by_figures(const std::vector<Datum>& sources) {
    std::vector<std::pair<std::string, std::string>> entries;
    for (const auto& datum : sources) {
        const std::string text = datum.note.empty() ? datum.source : datum.source + " (" + datum.note + ")";
        const auto same = std::ranges::find(entries, text, &std::pair<std::string, std::string>::second);
        if (same == entries.end()) entries.emplace_back(datum.field, text);
        else same->first += ", " + datum.field;
    }
    return entries;
}

}  // namespace moeplan::cli
