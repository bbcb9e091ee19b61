// Document -> YAML. Written by hand: block style with short leaves on one line, and quoting that YamlNode
// reads back.
#include <cmath>

#include <fmt/format.h>

#include "core/base/match.h"
#include "core/yaml/reader.h"

namespace moeplan {
namespace {

constexpr std::size_t kLineWidth = 100;

bool is_word(const std::string& text) {
    for (const char* word : {"true", "false", "True", "False", "TRUE", "FALSE", "null", "Null", "NULL", "~",
                             "<<", "yes", "no", "Yes", "No", "on", "off", "On", "Off"}) {
        if (text == word) return true;
    }
    return false;
}

// True when the text, unquoted, is one plain scalar both in block and in flow style, and reads back as text.
bool is_plain(const std::string& text) {
    if (text.empty() || is_word(text) || parse_number(text)) return false;
    if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return false;
    if (std::string("-?:,[]{}#&*!|>'\"%@`=.").find(text.front()) != std::string::npos) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) return false;
        // yaml-cpp ends a plain scalar in flow style at any '?'.
        if (std::string(",?[]{}\"'").find(text[i]) != std::string::npos) return false;
        if (text[i] == ':' && (i + 1 == text.size() || text[i + 1] == ' ')) return false;
        if (text[i] == '#' && i > 0 && text[i - 1] == ' ') return false;
    }
    return true;
}

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7F) {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string text_of(const std::string& text) { return is_plain(text) ? text : quoted(text); }

std::string number_of(double value) {
    if (std::isnan(value)) return ".nan";
    if (std::isinf(value)) return value > 0 ? ".inf" : "-.inf";
    return print_number(value);
}

// On one line.
std::string flow(const Document& document) {
    return match(
        document.value, [](std::monostate) { return std::string("null"); },
        [](bool value) { return std::string(value ? "true" : "false"); },
        [](std::int64_t value) { return fmt::format("{}", value); },
        [](double value) { return number_of(value); },
        [](const std::string& value) { return text_of(value); },
        [](const Document::List& list) {
            std::string out = "[";
            for (const auto& item : list) out += (out.size() > 1 ? ", " : "") + flow(item);
            return out + "]";
        },
        [](const Document::Map& map) {
            std::string out = "{";
            for (const auto& [key, value] : map)
                out += (out.size() > 1 ? ", " : "") + text_of(key) + ": " + flow(value);
            return out + "}";
        });
}

bool is_scalar(const Document& document) {
    return !std::holds_alternative<Document::List>(document.value) &&
           !std::holds_alternative<Document::Map>(document.value);
}

void block(const Document& document, std::size_t indent, std::string& out);

// "key: value" or "- value" after its lead, on this line when it fits, else as an indented block below.
void value_after(const Document& value, std::size_t used, std::size_t indent, std::string& out) {
    const std::string line = flow(value);
    if (is_scalar(value) || used + line.size() <= kLineWidth) {
        out += " " + line + "\n";
        return;
    }
    out += "\n";
    block(value, indent + 2, out);
}

void block(const Document& document, std::size_t indent, std::string& out) {
    const std::string lead(indent, ' ');
    if (const auto* map = std::get_if<Document::Map>(&document.value)) {
        for (const auto& [key, value] : *map) {
            const std::string name = text_of(key) + ":";
            out += lead + name;
            value_after(value, indent + name.size() + 1, indent, out);
        }
    } else if (const auto* list = std::get_if<Document::List>(&document.value)) {
        for (const auto& value : *list) {
            out += lead + "-";
            value_after(value, indent + 2, indent, out);
        }
    } else {
        out += lead + flow(document) + "\n";
    }
}

}  // namespace

std::string to_yaml(const Document& document) {
    const auto* map = std::get_if<Document::Map>(&document.value);
    const auto* list = std::get_if<Document::List>(&document.value);
    if ((map && map->empty()) || (list && list->empty())) return flow(document) + "\n";
    std::string out;
    block(document, 0, out);
    return out;
}

}  // namespace moeplan
