#pragma once
// Text made safe for the place it goes to.

#include <string>
#include <string_view>

namespace moeplan {

// For HTML and XML text and attributes: & < > " ' become entities; characters XML forbids and broken UTF-8
// become '?'.
std::string escape_markup(std::string_view text);

// For a cell of a GitHub table: pipes, markup and line breaks lose their meaning.
std::string escape_markdown(std::string_view text);

}  // namespace moeplan
