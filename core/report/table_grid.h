#pragma once
// Cells of styled text in aligned columns, and the ink they are written with. Internal to core/report.

#include <string>
#include <string_view>
#include <vector>

#include "core/report/format.h"
#include "core/report/report_writer.h"
#include "core/report/text_width.h"

namespace moeplan {

enum class Ink { plain, bold, dim, good, warn, bad, accent };

// Turns ink into escape codes, or into nothing without colour; owns every box and block character.
class Pen {
public:
    explicit Pen(const TableStyle& style);
    int width() const { return width_; }
    bool unicode() const { return style_.unicode; }
    Glyphs glyphs() const { return style_.unicode ? Glyphs::unicode : Glyphs::plain; }
    std::string ink(std::string_view text, Ink ink) const;
    std::string rule() const;                                          // a full-width line
    // A bar of at most `width` columns for `share` of 0..1, in eighths of a column; padded with spaces.
    std::string bar(double share, int width) const;
    std::string pick(std::string_view unicode, std::string_view plain) const;
    std::string safe(std::string_view text)
        const;   // no control characters; in plain also no characters beyond ASCII we made

private:
    TableStyle style_;
    int width_;
};

struct Span {
    std::string text;
    Ink ink = Ink::plain;
};
// One span is wrapped when it is too long; several are kept on one line.
using Cell = std::vector<Span>;

// Columns are separated by two spaces. All lines of a grid are equally wide.
class Grid {
public:
    struct Column {
        int width;
        Align align = Align::left;
    };
    explicit Grid(std::vector<Column> columns, int indent = 2)
        : columns_(std::move(columns)), indent_(indent) {}
    void add(std::vector<Cell> cells);   // missing cells are empty
    std::vector<std::string> lines(const Pen& pen) const;
    int width() const;

private:
    std::vector<Column> columns_;
    int indent_;
    std::vector<std::vector<Cell>> rows_;
};

// Trailing spaces go; a newline follows each line.
void append_lines(std::string& out, const std::vector<std::string>& lines);
std::string without_trailing_spaces(std::string line);

}  // namespace moeplan
