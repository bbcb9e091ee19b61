#pragma once
// Aligned columns for the commands that list things.

#include <string>
#include <vector>

#include "cli/console.h"
#include "core/report/text_width.h"

namespace moeplan::cli {

// Columns are as wide as their widest cell, two spaces apart; the last one wraps at the terminal's width.
class Columns {
public:
    explicit Columns(std::vector<Align> align, int indent = 2) : align_(std::move(align)), indent_(indent) {}
    void heading(std::vector<std::string> cells);   // shown dim
    void add(std::vector<std::string> cells);       // missing cells are empty
    bool empty() const { return rows_.empty(); }
    std::string text(const Console& console) const;

private:
    std::vector<int> widths(int terminal) const;
    std::vector<Align> align_;
    int indent_;
    std::vector<std::vector<std::string>> rows_;
    bool headed_ = false;
};

// A line to head a block: bold, with dim text behind it when there is any (below it where that is too long).
std::string title(const std::string& text, const std::string& beside, const Console& console);

// Dim text, wrapped.
std::string paragraph(const std::string& text, int indent, const Console& console);

// As ASCII where the locale shows no more; bytes of hostile files made harmless.
std::string shown(std::string text, const Console& console);

}  // namespace moeplan::cli
