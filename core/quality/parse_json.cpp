#include "core/quality/parse_json.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/json_text.h"

namespace moeplan::quality {
namespace {

constexpr int kDeepest = 200;

// nlohmann's message repeats its library's name and the text; keep what is wrong.
std::string short_message(const nlohmann::json::parse_error& e) {
    std::string text = e.what();
    if (const auto colon = text.find(": "); colon != std::string::npos) text.erase(0, colon + 2);
    if (const auto close = text.find("; last read"); close != std::string::npos) text.erase(close);
    return text;
}

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text, const std::string& where) {
    const SafeJson scanned = safe_json(text);
    if (scanned.deepest > kDeepest) {
        return fail(Problem{
            where, "", fmt::format("nested {} deep; at most {} levels are read", scanned.deepest, kDeepest),
            "", ProblemKind::wrong_input});
    }
    try {
        return nlohmann::json::parse(scanned.text);
    } catch (const nlohmann::json::parse_error& e) {
        const auto at = std::min(e.byte, scanned.text.size());
        const auto line = 1 + std::count(scanned.text.begin(),
                                         scanned.text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
        const bool one_line = scanned.text.find('\n') == std::string::npos;
        return fail(Problem{one_line ? where : fmt::format("{}:{}", where, line), "",
                            "not valid JSON: " + short_message(e), "", ProblemKind::wrong_input});
    } catch (const nlohmann::json::exception& e) {
        return fail(Problem{where, "", fmt::format("not readable as JSON: {}", e.what()), "",
                            ProblemKind::wrong_input});
    }
}

}  // namespace moeplan::quality
