#include "core/hardware/engine_version.h"

#include <charconv>

namespace moeplan {

std::optional<EngineVersion> parse_engine_version(std::string_view text) {
    if (text.starts_with('v')) text.remove_prefix(1);
    EngineVersion version;
    for (std::size_t i = 0; i < version.parts.size(); ++i) {
        if (i > 0) {
            if (!text.starts_with('.')) break;
            text.remove_prefix(1);
        }
        int part = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), part);
        if (error != std::errc{} || part < 0) return i > 0 ? std::optional(version) : std::nullopt;
        version.parts[i] = part;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    }
    return version;
}

}  // namespace moeplan
