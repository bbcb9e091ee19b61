#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "core/base/units_text.h"
#include "core/catalog/readers.h"

namespace moeplan {

namespace {

constexpr std::size_t kNameColumns = 3;  // model, published, variant
constexpr std::size_t kMostColumns = 200;

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string_view> cells(std::string_view line) {
    std::vector<std::string_view> out;
    while (out.size() < kMostColumns) {
        const std::size_t bar = line.find('|');
        out.push_back(trimmed(line.substr(0, bar)));
        if (bar == std::string_view::npos) break;
        line.remove_prefix(bar + 1);
    }
    return out;
}

std::string name_or_empty(std::string_view cell) { return cell == "-" ? std::string{} : std::string(cell); }

// "row 3 ('mistral …')": a block of text has one line number, its first.
std::string row_name(std::size_t number, std::string_view line) {
    return fmt::format("row {} ('{}')", number, trimmed(line.substr(0, line.find('|'))));
}

bool head_is_right(const YamlNode& text, const std::vector<std::string_view>& head) {
    if (head.size() > kNameColumns && head[0] == "model" && head[1] == "published" && head[2] == "variant" &&
        std::none_of(head.begin(), head.end(), [](std::string_view c) { return c.empty() || c == "-"; }))
        return true;
    text.problem("the table's head must be 'model | published | variant | benchmark …'");
    return false;
}

}  // namespace

void read_score_table(const YamlNode& text, const Score& same, std::vector<Score>& out) {
    const auto table = text.text();
    if (!table) return;
    std::string_view rest = *table;
    std::vector<std::string_view> head;
    for (std::size_t number = 0; !rest.empty(); ++number) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (trimmed(line).empty()) continue;
        const auto row = cells(line);
        if (head.empty()) {
            head = row;
            if (!head_is_right(text, head)) return;
            continue;
        }
        if (row.size() != head.size() || row[0].empty() || row[0] == "-") {
            text.problem(fmt::format("{} has {} cells, {} and a model's name are expected",
                                     row_name(number, line), row.size(), head.size()));
            continue;
        }
        Score score = same;
        score.model = std::string(row[0]);
        score.as_published = name_or_empty(row[1]);
        score.variant = name_or_empty(row[2]);
        for (std::size_t c = kNameColumns; c < row.size(); ++c) {
            if (row[c] == "-") continue;
            const auto percent = parse_number(row[c]);
            if (!percent || *percent < 0 || *percent > 100) {
                text.problem(fmt::format("{}: '{}' under {} is not a score of 0 to 100 percent",
                                         row_name(number, line), row[c], head[c]));
                continue;
            }
            score.benchmark = std::string(head[c]);
            score.accuracy = *percent / 100;
            out.push_back(score);
        }
    }
}

}  // namespace moeplan
