#include "core/base/csv_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/base/lower_case.h"

namespace moeplan {

bool is_blank(std::string_view cell) {
    constexpr std::array<std::string_view, 7> kBlank{"", "nan", "none", "null", "na", "n/a", "-"};
    return std::ranges::find(kBlank, lower_case(cell)) != kBlank.end();
}

void split_csv_line(std::string_view line, std::vector<std::string>& fields, char separator) {
    fields.clear();
    std::string field;
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted) {
            if (c == '"' && i + 1 < line.size() && line[i + 1] == '"') { field += '"'; ++i; }
            else if (c == '"') quoted = false;
            else field += c;
        } else if (c == '"' && field.empty()) {
            quoted = true;
        } else if (c == separator) {
            fields.push_back(std::move(field));
            field.clear();
        } else {
            field += c;
        }
    }
    fields.push_back(std::move(field));
}

char csv_separator(std::string_view header) {
    constexpr std::string_view kSeparators = ",;\t";
    std::array<std::size_t, kSeparators.size()> count{};
    bool quoted = false;
    for (const char c : header) {
        if (c == '"') quoted = !quoted;
        const std::size_t which = quoted ? std::string_view::npos : kSeparators.find(c);
        if (which != std::string_view::npos) ++count[which];
    }
    return kSeparators[static_cast<std::size_t>(std::ranges::max_element(count) - count.begin())];
}

CsvTable::CsvTable(std::istream& stream) : reader_(stream) {
    std::string_view line;
    if (!reader_.next(line)) return;
    separator_ = csv_separator(line);
    split_csv_line(line, columns_, separator_);
}

bool CsvTable::next() {
    std::string_view line;
    while (reader_.next(line)) {
        if (line.empty() && !reader_.too_long()) continue;
        split_csv_line(line, row_, separator_);
        return true;
    }
    return false;
}

std::optional<std::size_t> CsvTable::index_of(std::string_view column) const {
    const auto at = std::ranges::find(columns_, column);
    return at == columns_.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - columns_.begin()));
}

std::string_view CsvTable::cell(std::string_view column) const {
    const auto index = index_of(column);
    return index && *index < row_.size() ? std::string_view(row_[*index]) : std::string_view{};
}

std::optional<double> CsvTable::number(std::string_view column) const {
    const std::string_view text = cell(column);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

}  // namespace moeplan
