#include "core/report/table_grid.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/report/format.h"

namespace moeplan {
namespace {

constexpr int kGap = 2;
constexpr int kNarrowest = 40;

const char* code_of(Ink ink) {
    switch (ink) {
        case Ink::plain: return "";
        case Ink::bold: return "1";
        case Ink::dim: return "2";
        case Ink::good: return "32";
        case Ink::warn: return "33";
        case Ink::bad: return "31";
        case Ink::accent: return "36";
    }
    return "";
}

std::vector<std::string> cell_lines(const Cell& cell, int width, Align align, const Pen& pen) {
    std::vector<std::string> lines;
    if (cell.size() == 1 && display_width(cell[0].text) > width) {
        for (auto& line : wrapped(cell[0].text, width)) lines.push_back(pen.ink(line, cell[0].ink));
    } else {
        std::string line;
        for (const auto& span : cell) line += pen.ink(span.text, span.ink);
        lines.push_back(std::move(line));
    }
    for (auto& line : lines) line = padded(std::move(line), width, align);
    return lines;
}

}  // namespace

Pen::Pen(const TableStyle& style) : style_(style), width_(std::max(style.width, kNarrowest)) {}

std::string Pen::ink(std::string_view text, Ink ink) const {
    if (!style_.colour || ink == Ink::plain || text.empty()) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", code_of(ink), text);
}

std::string Pen::pick(std::string_view unicode, std::string_view plain) const {
    return std::string(style_.unicode ? unicode : plain);
}

std::string Pen::safe(std::string_view text) const {
    std::string clean = without_controls(text);
    return unicode() ? clean : plain_glyphs(std::move(clean));
}

std::string Pen::rule() const { return ink(repeated(pick("─", "-"), width_), Ink::dim); }

std::string Pen::bar(double share, int width) const {
    static constexpr std::array kEighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const double cells = std::clamp(share, 0.0, 1.0) * width;
    if (!style_.unicode) return padded(repeated("#", static_cast<int>(std::lround(cells))), width);
    const auto eighths = static_cast<int>(std::lround(cells * 8));
    std::string text = repeated("█", eighths / 8);
    text += kEighths[static_cast<std::size_t>(eighths % 8)];
    return padded(std::move(text), width);
}

void Grid::add(std::vector<Cell> cells) {
    cells.resize(columns_.size());
    rows_.push_back(std::move(cells));
}

int Grid::width() const {
    int total = indent_ + kGap * static_cast<int>(columns_.size() - 1);
    for (const auto& column : columns_) total += column.width;
    return total;
}

std::vector<std::string> Grid::lines(const Pen& pen) const {
    std::vector<std::string> out;
    for (const auto& row : rows_) {
        std::vector<std::vector<std::string>> cells;
        std::size_t height = 1;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            cells.push_back(cell_lines(row[c], columns_[c].width, columns_[c].align, pen));
            height = std::max(height, cells.back().size());
        }
        for (std::size_t h = 0; h < height; ++h) {
            std::string line(static_cast<std::size_t>(indent_), ' ');
            for (std::size_t c = 0; c < columns_.size(); ++c) {
                if (c) line.append(kGap, ' ');
                const auto column_width = static_cast<std::size_t>(columns_[c].width);
                line += h < cells[c].size() ? cells[c][h] : std::string(column_width, ' ');
            }
            out.push_back(std::move(line));
        }
    }
    return out;
}

std::string without_trailing_spaces(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

void append_lines(std::string& out, const std::vector<std::string>& lines) {
    for (const auto& line : lines) {
        out += without_trailing_spaces(line);
        out += '\n';
    }
}

}  // namespace moeplan
