#pragma once
// Text as columns of a terminal. A combining mark is 0 wide, East Asian wide characters and emoji 2.

#include <string>
#include <string_view>
#include <vector>

namespace moeplan {

// Columns `text` takes; ANSI colour codes take none, a byte that is not UTF-8 takes one.
int display_width(std::string_view text);

enum class Align : bool { left, right };
std::string padded(std::string text, int width, Align align = Align::left);

// At most `width` columns, cut with "…" (or "..." in plain). Never cuts inside a character.
std::string shortened(std::string_view text, int width, bool unicode = true);

// Broken at spaces; a word longer than a line is broken inside. Control characters become spaces. Never
// empty.
std::vector<std::string> wrapped(std::string_view text, int width);

// `n` copies of `glyph`.
std::string repeated(std::string_view glyph, int n);

// A name on its way to a terminal: control characters (escape codes of a hostile file among them) become '?'.
std::string without_controls(std::string_view text);

}  // namespace moeplan
