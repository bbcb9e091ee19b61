#pragma once
// The version of a serving engine, as far as its defaults hang on it.

#include <array>
#include <compare>
#include <optional>
#include <string_view>

namespace moeplan {

// Major, minor and patch; what follows ("rc3", ".post1", "+cu128") makes no difference here.
struct EngineVersion {
    std::array<int, 3> parts{};
    auto operator<=>(const EngineVersion&) const = default;
};

// "0.12.0", "0.12", "v0.12.0", "1.0.0rc3"; nothing where no number stands in front.
std::optional<EngineVersion> parse_engine_version(std::string_view text);

}  // namespace moeplan
