#include "cli/columns.h"

#include <algorithm>

#include "core/report/format.h"

namespace moeplan::cli {

void Columns::heading(std::vector<std::string> cells) {
    headed_ = true;
    rows_.insert(rows_.begin(), std::move(cells));
}

void Columns::add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

std::vector<int> Columns::widths(int terminal) const {
    std::vector<int> widths(align_.size(), 0);
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
            widths[i] = std::max(widths[i], display_width(row[i]));
    }
    int used = indent_;
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) used += widths[i] + 2;
    if (!widths.empty()) widths.back() = std::min(widths.back(), std::max(16, terminal - used));
    return widths;
}

std::string Columns::text(const Console& console) const {
    const auto width = widths(console.style().width);
    std::string out;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
        auto row = rows_[r];
        row.resize(align_.size());
        const auto last = wrapped(row.back(), std::max(1, width.back()));
        for (std::size_t l = 0; l < last.size(); ++l) {
            std::string line(static_cast<std::size_t>(indent_), ' ');
            for (std::size_t i = 0; i + 1 < row.size(); ++i)
                line += padded(l == 0 ? row[i] : "", width[i], align_[i]) + "  ";
            line += align_.back() == Align::right ? padded(last[l], width.back(), Align::right) : last[l];
            line.erase(line.find_last_not_of(' ') + 1);
            line = shown(line, console);
            out += (headed_ && r == 0 ? console.dim(line) : line) + "\n";
        }
    }
    return out;
}

std::string title(const std::string& text, const std::string& beside, const Console& console) {
    const int width = console.style().width;
    const bool together = display_width(text) + 2 + display_width(beside) <= width;
    std::string out = console.bold(shown(text, console));
    if (beside.empty()) return out + "\n";
    if (together) return out + "  " + console.dim(shown(beside, console)) + "\n";
    return out + "\n" + paragraph(beside, 2, console);
}

std::string paragraph(const std::string& text, int indent, const Console& console) {
    std::string out;
    for (const auto& line : wrapped(text, console.style().width - indent)) {
        out += std::string(static_cast<std::size_t>(indent), ' ') + console.dim(shown(line, console)) + "\n";
    }
    return out;
}

std::string shown(std::string text, const Console& console) {
    text = without_controls(text);
    return console.style().unicode ? text : plain_glyphs(std::move(text));
}

}  // namespace moeplan::cli
