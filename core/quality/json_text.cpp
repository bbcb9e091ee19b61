#include "core/quality/json_text.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

namespace moeplan::quality {
namespace {

constexpr int kDeepest = 200;

struct Scan {
    std::string text;
    int deepest = 0;
};

// Python's json.dumps writes these three, which JSON does not have.
std::size_t not_a_number_at(std::string_view rest) {
    for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
        if (rest.substr(0, word.size()) == word) return word.size();
    }
    return 0;
}

Scan scan(std::string_view text) {
    Scan result;
    result.text.reserve(text.size());
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            result.text += c;
            if (c == '\\' && i + 1 < text.size()) {
                result.text += text[++i];
            } else if (c == '"') {
                in_string = false;
            }
            continue;
        }
        if (c == 'N' || c == 'I' || c == '-') {
            if (const std::size_t length = not_a_number_at(text.substr(i))) {
                result.text += "null";
                i += length - 1;
                continue;
            }
        }
        if (c == '"') in_string = true;
        if (c == '[' || c == '{') result.deepest = std::max(result.deepest, ++depth);
        if (c == ']' || c == '}') --depth;
        result.text += c;
    }
    return result;
}

// nlohmann's message repeats its library's name and the text; keep what is wrong.
std::string short_message(const nlohmann::json::parse_error& e) {
    std::string text = e.what();
    if (const auto colon = text.find(": "); colon != std::string::npos) text.erase(0, colon + 2);
    if (const auto close = text.find("; last read"); close != std::string::npos) text.erase(close);
    return text;
}

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text, const std::string& where) {
    const Scan scanned = scan(text);
    if (scanned.deepest > kDeepest) {
        return fail(Problem{where, "",
                            fmt::format("nested {} deep; at most {} levels are read", scanned.deepest, kDeepest), "",
                            ProblemKind::wrong_input});
    }
    try {
        return nlohmann::json::parse(scanned.text);
    } catch (const nlohmann::json::parse_error& e) {
        const auto at = std::min(e.byte, scanned.text.size());
        const auto line = 1 + std::count(scanned.text.begin(), scanned.text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
        const bool one_line = scanned.text.find('\n') == std::string::npos;
        return fail(Problem{one_line ? where : fmt::format("{}:{}", where, line), "",
                            "not valid JSON: " + short_message(e), "", ProblemKind::wrong_input});
    } catch (const nlohmann::json::exception& e) {
        return fail(Problem{where, "", fmt::format("not readable as JSON: {}", e.what()), "", ProblemKind::wrong_input});
    }
}

}  // namespace moeplan::quality
