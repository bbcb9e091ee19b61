// Text -> tree: the checks of the bytes, yaml-cpp's parser inside one try block, its messages made readable.
#include <algorithm>
#include <istream>
#include <streambuf>

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "core/yaml/builder.h"

namespace moeplan::yaml {
namespace {

// Reads the caller's bytes in place.
class ViewBuffer : public std::streambuf {
public:
    explicit ViewBuffer(std::string_view text) {
        char* begin = const_cast<char*>(text.data());  // a get area is never written to
        setg(begin, begin, begin + text.size());
    }
};

std::string_view line_text(std::string_view text, int line) {
    std::size_t start = 0;
    for (int at = 1; at < line; ++at) {
        const std::size_t end = text.find('\n', start);
        if (end == std::string_view::npos) return {};
        start = end + 1;
    }
    return text.substr(start, text.find('\n', start) - start);
}

bool indented_by_tab(std::string_view line) {
    const std::size_t first = line.find_first_not_of(" \t\r");
    return first != std::string_view::npos && line.substr(0, first).find('\t') != std::string_view::npos;
}

// yaml-cpp says "illegal map value" when the real reason is a tab on that line or the one before.
Problem syntax_problem(const YAML::Exception& error, std::string_view text, const std::string& name) {
    const int line = std::max(1, error.mark.line + 1);
    for (const int near : {line, line - 1}) {
        if (near >= 1 && indented_by_tab(line_text(text, near))) {
            return {fmt::format("{}:{}", name, near),
                    {},
                    "a tab indents this line; YAML is indented with spaces",
                    {}};
        }
    }
    return {fmt::format("{}:{}", name, line), {},
            fmt::format("not valid YAML: {} (column {})", error.msg, std::max(1, error.mark.column + 1)), {}};
}

// yaml-cpp takes the end of the file for the end of a quoted text, and so would swallow all keys behind
// a forgotten quote.
void refuse_open_quote(const YAML::Mark& start, std::string_view text) {
    if (start.is_null()) return;
    const std::string_view line = line_text(text, start.line + 1);
    const std::size_t bom = start.line == 0 && text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    const std::size_t column = static_cast<std::size_t>(start.column) + bom;
    if (column >= line.size() || (line[column] != '"' && line[column] != '\'')) return;
    const char quote = line[column];
    const char* const end = text.data() + text.size();
    for (const char* at = line.data() + column + 1; at < end; ++at) {
        const bool escapes = quote == '"' ? *at == '\\' : *at == quote && at + 1 < end && at[1] == quote;
        if (escapes) {
            ++at;
        } else if (*at == quote) {
            return;
        }
    }
    throw Refused(start.line + 1, fmt::format("the quote ({}) opened on this line is never closed", quote));
}

// Length of the UTF-8 sequence at `at`; 0 when it is not one (overlong and surrogate forms included).
std::size_t utf8_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    };
    const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
    const unsigned lead = byte(at);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return tail(at + 1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        const bool overlong = lead == 0xE0 && byte(at + 1) < 0xA0;
        const bool surrogate = lead == 0xED && byte(at + 1) > 0x9F;
        return tail(at + 1) && tail(at + 2) && !overlong && !surrogate ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        const bool overlong = lead == 0xF0 && byte(at + 1) < 0x90;
        const bool beyond = lead == 0xF4 && byte(at + 1) > 0x8F;
        return tail(at + 1) && tail(at + 2) && tail(at + 3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

}  // namespace

Problems encoding_problems(std::string_view text, const std::string& name) {
    int line = 1;
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte == '\n') ++line;
        const std::size_t length = utf8_length(text, at);
        const bool control = byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t';
        if (length == 0 || control || byte == 0x7F) {
            return {{fmt::format("{}:{}", name, line), {},
                     fmt::format("not UTF-8 text: found the byte 0x{:02X}", byte),
                     "is this really a YAML file? save it as UTF-8"}};
        }
        at += length;
    }
    return {};
}

Problems scanner_problems(std::string_view text, const std::string& name, const YamlLimits& limits) {
    // Brackets in texts and comments are counted too, so only a number far beyond the depth limit refuses.
    constexpr std::ptrdiff_t kMostOpen = 10'000;
    int line = 1;
    std::size_t line_start = 0;
    std::ptrdiff_t open = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\n') {
            ++line;
            line_start = at + 1;
        } else if (at - line_start > limits.line_bytes) {
            return {{fmt::format("{}:{}", name, line),
                     {},
                     fmt::format("a line of more than {} bytes", limits.line_bytes),
                     {}}};
        }
        open += int{c == '[' || c == '{'} - int{c == ']' || c == '}'};
        if (open > kMostOpen) {
            return {{fmt::format("{}:{}", name, line),
                     {},
                     fmt::format("nested more than {} levels deep", limits.depth),
                     {}}};
        }
    }
    return {};
}

Result<ParsedTree> parse_document(std::string_view text, const std::string& name, Arena& arena) {
    if (text.size() > arena.limits().bytes) {
        return fail(
            {name, {}, fmt::format("larger than {} bytes, the most that is read", arena.limits().bytes), {}});
    }
    if (auto problems = encoding_problems(text, name); !problems.empty()) return fail(std::move(problems));
    if (auto problems = scanner_problems(text, name, arena.limits()); !problems.empty())
        return fail(std::move(problems));
    try {
        ViewBuffer buffer(text);
        std::istream stream(&buffer);
        YAML::Parser parser(stream);
        TreeBuilder builder(arena, name);
        while (parser.HandleNextDocument(builder)) {}
        refuse_open_quote(builder.last_quoted(), text);
        ParsedTree document = builder.take();
        if (!document.root || document.root->kind == Kind::null)
            return fail({name, {}, "the file is empty", {}});
        return document;
    } catch (const Refused& refused) {
        return fail({fmt::format("{}:{}", name, refused.line), {}, refused.what_found, {}});
    } catch (const YAML::Exception& error) {
        return fail(syntax_problem(error, text, name));
    } catch (const std::exception& error) {
        return fail({name, {}, fmt::format("not valid YAML: {}", error.what()), {}});
    }
}

}  // namespace moeplan::yaml
