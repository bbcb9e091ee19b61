#include "core/report/text_width.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace moeplan {
namespace {

struct Glyph {
    char32_t code = 0;
    std::size_t bytes = 1;
};

// Decodes the character at `at`; a broken sequence is one byte wide and one character.
Glyph glyph_at(std::string_view text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : (lead & 0xE0) == 0xC0 ? 2 : (lead & 0xF0) == 0xE0 ? 3
                                                     : (lead & 0xF8) == 0xF0 ? 4 : 0;
    if (length <= 1 || at + length > text.size()) return {lead, 1};
    char32_t code = lead & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[at + i]);
        if ((next & 0xC0) != 0x80) return {lead, 1};
        code = (code << 6) | (next & 0x3Fu);
    }
    return {code, length};
}

struct Range {
    char32_t first, last;
};
// Source: Unicode 15 EastAsianWidth.txt, the blocks that are wide throughout, and emoji presentation.
constexpr std::array kWide{Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},
                           Range{0x3400, 0x4DBF},   Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},
                           Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},
                           Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x1F300, 0x1F64F},
                           Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD}};
constexpr std::array kZero{Range{0x0300, 0x036F}, Range{0x200B, 0x200F}, Range{0x20D0, 0x20FF},
                           Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}};

template <class Table>
bool holds(const Table& table, char32_t code) {
    return std::ranges::any_of(table, [&](const Range& r) { return code >= r.first && code <= r.last; });
}

int columns_of(char32_t code) {
    return code < 0x300 ? 1 : holds(kZero, code) ? 0 : holds(kWide, code) ? 2 : 1;
}

// Length of an ANSI "ESC [ … letter" at `at`, or 0.
std::size_t escape_at(std::string_view text, std::size_t at) {
    if (text[at] != '\x1b' || at + 1 >= text.size() || text[at + 1] != '[') return 0;
    std::size_t end = at + 2;
    while (end < text.size() && (text[end] < '@' || text[end] > '~')) ++end;
    return end < text.size() ? end - at + 1 : text.size() - at;
}

// Bytes of the longest start of `text` that fits in `width` columns.
std::size_t fitting_bytes(std::string_view text, int width) {
    int used = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const Glyph glyph = glyph_at(text, at);
        used += columns_of(glyph.code);
        if (used > width) break;
        at += glyph.bytes;
    }
    return at;
}

}  // namespace

int display_width(std::string_view text) {
    int columns = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (const std::size_t skip = escape_at(text, at)) {
            at += skip;
            continue;
        }
        const Glyph glyph = glyph_at(text, at);
        columns += columns_of(glyph.code);
        at += glyph.bytes;
    }
    return columns;
}

std::string padded(std::string text, int width, Align align) {
    const int missing = std::max(0, width - display_width(text));
    text.insert(align == Align::left ? text.size() : 0, static_cast<std::size_t>(missing), ' ');
    return text;
}

std::string shortened(std::string_view text, int width, bool unicode) {
    if (display_width(text) <= width) return std::string(text);
    const std::string_view dots = unicode ? "…" : "...";
    const int room = width - display_width(dots);
    if (room <= 0) return std::string(text.substr(0, fitting_bytes(text, std::max(0, width))));
    return std::string(text.substr(0, fitting_bytes(text, room))) + std::string(dots);
}

namespace {

// Of a word that must be cut after `most` bytes: behind the last joint in the second half of them, if there is one.
std::size_t part_of(std::string_view word, std::size_t most) {
    const std::size_t joint = word.substr(0, most).find_last_of("_-/.:=,");
    return joint != std::string_view::npos && joint + 1 >= most / 2 ? joint + 1 : most;
}

}  // namespace

std::vector<std::string> wrapped(std::string_view text, int width) {
    width = std::max(width, 4);
    std::vector<std::string> lines{""};
    for (std::size_t at = 0; at < text.size();) {
        if (static_cast<unsigned char>(text[at]) <= ' ') {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && static_cast<unsigned char>(text[end]) > ' ') ++end;
        std::string_view word = text.substr(at, end - at);
        at = end;
        const int gap = lines.back().empty() ? 0 : 1;
        if (display_width(lines.back()) + gap + display_width(word) > width && gap) lines.emplace_back();
        while (display_width(word) > width) {
            const std::size_t part = part_of(word, std::max<std::size_t>(1, fitting_bytes(word, width)));
            lines.back() += word.substr(0, part);
            lines.emplace_back();
            word.remove_prefix(part);
        }
        if (!lines.back().empty()) lines.back() += ' ';
        lines.back() += word;
    }
    return lines;
}

std::string repeated(std::string_view glyph, int n) {
    std::string text;
    for (int i = 0; i < n; ++i) text += glyph;
    return text;
}

std::string without_controls(std::string_view text) {
    std::string clean(text);
    for (std::size_t i = 0; i < clean.size(); ++i) {
        const auto byte = static_cast<unsigned char>(clean[i]);
        if (byte < 0x20 || byte == 0x7F) clean[i] = '?';
        const bool c1 =
            byte == 0xC2 && i + 1 < clean.size() && static_cast<unsigned char>(clean[i + 1]) < 0xA0;
        if (c1) clean.replace(i, 2, "?");
    }
    return clean;
}

}  // namespace moeplan
