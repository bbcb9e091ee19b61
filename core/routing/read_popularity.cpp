#include "core/routing/read_popularity.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/routing/read_lines.h"

namespace moeplan {
namespace {

constexpr std::size_t kMostExperts = 65536;
constexpr std::size_t kMostLayers = 4096;

// Nesting deeper than the form has is refused before anything is allocated for it.
bool nests_deeper_than(std::string_view text, int most) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            else if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > most) return true;
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
}

std::vector<double> popularity_row(const nlohmann::json& row, std::size_t layer, const std::string& name,
                                   Problems& problems) {
    std::vector<double> counts;
    const std::string path = fmt::format("expert_popularity[{}]", layer);
    if (!row.is_array()) {
        problems.push_back(
            {name, path, fmt::format("is {}; expected a list of counts", row.type_name()), "", {}});
        return counts;
    }
    for (std::size_t e = 0; e < row.size() && e < kMostExperts; ++e) {
        const double count = row[e].is_number() ? row[e].get<double>() : -1.0;
        if (!(count >= 0) || !std::isfinite(count)) {
            problems.push_back(
                {name,
                 fmt::format("{}[{}]", path, e),
                 fmt::format("{}; expected a count from 0",
                             lines::quoted(
                                 row[e].is_structured()
                                     ? row[e].type_name()
                                     : row[e].dump(-1, ' ', true, nlohmann::json::error_handler_t::replace))),
                 "",
                 {}});
        }
        counts.push_back(std::max(0.0, count));
    }
    return counts;
}

}  // namespace

Result<ExpertCounts> read_popularity(std::string_view text, const std::string& name) {
    if (nests_deeper_than(text, 8))
        return fail({name, "", "nests too deep for an expert_popularity file", "", {}});
    nlohmann::json root;
    try {
        root = nlohmann::json::parse(text);
    } catch (const nlohmann::json::parse_error& error) {
        const auto line =
            1 + std::count(text.begin(),
                           text.begin() + static_cast<std::ptrdiff_t>(std::min(error.byte, text.size())),
                           '\n');
        return fail({fmt::format("{}:{}", name, line),
                     "",
                     fmt::format("not valid JSON at byte {}", error.byte),
                     "",
                     {}});
    } catch (const nlohmann::json::exception&) {
        return fail({name, "", "holds a number that is out of range", "", {}});
    }
    const auto found = root.is_object() ? root.find("expert_popularity") : root.end();
    if (found == root.end() || !found->is_array()) {
        return fail({name,
                     "",
                     "expected an object with a list 'expert_popularity' of one list of counts per layer",
                     "",
                     {}});
    }
    if (found->size() > kMostLayers) {
        return fail({name,
                     "expert_popularity",
                     fmt::format("{} layers; at most {}", found->size(), kMostLayers),
                     "",
                     {}});
    }
    ExpertCounts counts;
    Problems problems;
    for (std::size_t layer = 0; layer < found->size() && problems.size() < 20; ++layer) {
        counts.layers.push_back(popularity_row((*found)[layer], layer, name, problems));
        counts.layer_ids.push_back(static_cast<std::int64_t>(layer));
    }
    if (!problems.empty()) {
        if (problems.size() > 20) problems.resize(20);
        return fail(std::move(problems));
    }
    return counts;
}

}  // namespace moeplan
