#include "core/report/markup.h"

namespace moeplan {
namespace {

bool continues(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Bytes of the well-formed character at `at`, or 0. Overlong forms, surrogates and U+FFFE/F are not
// well-formed here.
std::size_t character_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return static_cast<unsigned char>(at + i < text.size() ? text[at + i] : 0);
    };
    const unsigned char lead = byte(0);
    if (lead >= 0xC2 && lead <= 0xDF) return continues(byte(1)) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        if (!continues(byte(1)) || !continues(byte(2))) return 0;
        const bool overlong = lead == 0xE0 && byte(1) < 0xA0, surrogate = lead == 0xED && byte(1) >= 0xA0;
        const bool not_a_character = lead == 0xEF && byte(1) == 0xBF && byte(2) >= 0xBE;
        return overlong || surrogate || not_a_character ? 0 : 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        if (!continues(byte(1)) || !continues(byte(2)) || !continues(byte(3))) return 0;
        const bool outside = (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) >= 0x90);
        return outside ? 0 : 4;
    }
    return 0;
}

}  // namespace

std::string escape_markup(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        switch (text[at]) {
            case '&': out += "&amp;"; continue;
            case '<': out += "&lt;"; continue;
            case '>': out += "&gt;"; continue;
            case '"': out += "&quot;"; continue;
            case '\'': out += "&#39;"; continue;
            case '\n':
            case '\t': out += text[at]; continue;
            default: break;
        }
        if (byte < 0x80) {
            out += byte < 0x20 || byte == 0x7F ? '?' : text[at];
            continue;
        }
        const std::size_t length = character_length(text, at);
        if (length == 0) {
            out += '?';
        } else {
            out += text.substr(at, length);
            at += length - 1;
        }
    }
    return out;
}

std::string escape_markdown(std::string_view text) {
    std::string out;
    for (const char c : escape_markup(text)) {
        if (c == '\n' || c == '\r' || c == '\t') {
            out += ' ';
            continue;
        }
        if (std::string_view("|\\`*_[]~$").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

}  // namespace moeplan
