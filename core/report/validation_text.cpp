#include "core/report/validation_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace moeplan {
namespace {

std::string plain_if(const std::string& text, const Pen& pen) {
    return pen.safe(pen.unicode() ? text : plain_glyphs(text));
}

}  // namespace

Json stats_json(const std::optional<ErrorStats>& stats) {
    if (!stats) return nullptr;
    Json json;
    json["mape"] = json_number(stats->mape);
    json["median_ape"] = json_number(stats->median_ape);
    json["p90_ape"] = json_number(stats->p90_ape);
    json["bias"] = json_number(stats->bias);
    json["coverage90"] = json_number(stats->coverage90);
    json["n"] = stats->n;
    return json;
}

std::string percent(double fraction) { return format_value(fraction, "fraction"); }
std::string signed_percent(double fraction) {
    const std::string text = percent(fraction);
    return fraction > 0 ? fmt::format("+{}", text) : text;
}

std::vector<std::string> summary_cells(const std::string& name, const ErrorStats& s) {
    return {name,
            format_count(static_cast<double>(s.n)),
            percent(s.mape),
            percent(s.median_ape),
            percent(s.p90_ape),
            signed_percent(s.bias),
            percent(s.coverage90)};
}

const std::vector<std::string>& summary_heads() {
    static const std::vector<std::string> heads{
        "", "rows", "MAPE", "median", "p90", "bias", "in 90 % interval"};
    return heads;
}

void add_table(std::string& out, const std::vector<std::string>& heads,
               const std::vector<std::vector<std::string>>& rows, std::size_t names, const Pen& pen) {
    std::vector<Grid::Column> columns;
    for (std::size_t c = 0; c < heads.size(); ++c) {
        int width = display_width(heads[c]);
        for (const auto& row : rows) width = std::max(width, display_width(row[c]));
        columns.push_back({width, c < names ? Align::left : Align::right});
    }
    while (Grid(columns).width() > pen.width()) {
        auto widest = std::ranges::max_element(
            columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(names), {}, &Grid::Column::width);
        if (widest->width <= 6) break;
        --widest->width;
    }
    Grid grid(columns);
    std::vector<Cell> head;
    for (const auto& text : heads) head.push_back({{text, Ink::dim}});
    grid.add(std::move(head));
    for (const auto& row : rows) {
        std::vector<Cell> cells;
        for (const auto& text : row) cells.push_back({{plain_if(text, pen)}});
        grid.add(std::move(cells));
    }
    append_lines(out, grid.lines(pen));
}

void add_markdown(std::string& out, const std::vector<std::string>& heads,
                  const std::vector<std::vector<std::string>>& rows, std::size_t names) {
    out += '|';
    for (const auto& head : heads) out += fmt::format(" {} |", head);
    out += "\n|";
    for (std::size_t c = 0; c < heads.size(); ++c) out += c < names ? "---|" : "---:|";
    out += '\n';
    for (const auto& row : rows) {
        out += '|';
        for (const auto& cell : row) out += fmt::format(" {} |", escape_markdown(cell));
        out += '\n';
    }
}

}  // namespace moeplan
