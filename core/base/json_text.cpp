#include "core/base/json_text.h"

#include <algorithm>

namespace moeplan {
namespace {

std::size_t not_a_number_at(std::string_view rest) {
    for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
        if (rest.substr(0, word.size()) == word) return word.size();
    }
    return 0;
}

}  // namespace

SafeJson safe_json(std::string_view text) {
    SafeJson result;
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
        if ((c == ']' || c == '}') && depth > 0) --depth;
        result.text += c;
    }
    return result;
}

}  // namespace moeplan
