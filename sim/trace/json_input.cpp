#include "sim/trace/json_input.h"

#include <fmt/format.h>

#include "core/base/json_text.h"
#include "sim/trace/trace_parts.h"

namespace moeplan::trace {
namespace {

constexpr int kDeepest = 200;

}  // namespace

Result<std::string> safe_json_text(std::string_view text, const std::string& name) {
    SafeJson safe = safe_json(text);
    if (safe.deepest > kDeepest) {
        return fail(wrong(name, fmt::format("nested {} deep; at most {} levels are read", safe.deepest, kDeepest)));
    }
    return std::move(safe.text);
}

Result<std::string> read_json_text(std::istream& stream, const std::string& name) {
    std::string text;
    std::string part(std::size_t{64} << 10, '\0');
    while (stream.read(part.data(), static_cast<std::streamsize>(part.size())) || stream.gcount() > 0) {
        text.append(part, 0, static_cast<std::size_t>(stream.gcount()));
        if (text.size() > kLargestJson)
            return fail(wrong(name, fmt::format("a JSON file over {} MiB", kLargestJson >> 20)));
    }
    return safe_json_text(text, name);
}

}  // namespace moeplan::trace
