#include "core/calibrate/float_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace moeplan {
namespace {

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> inverse() {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < kLetters.size(); ++i) values[static_cast<unsigned char>(kLetters[i])] = static_cast<std::int8_t>(i);
    return values;
}
constexpr std::array<std::int8_t, 256> kValues = inverse();

std::string encoded(const std::string& bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < have ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k) out += k <= have ? kLetters[group >> (18 - 6 * k) & 63u] : '=';
    }
    return out;
}

std::optional<std::string> decoded(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 4 * 3);
    while (!text.empty()) {
        std::uint32_t group = 0;
        std::size_t padding = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const bool pad = text[k] == '=' && text.size() == 4 && k >= 2;
            const int value = pad ? 0 : kValues[static_cast<unsigned char>(text[k])];
            if (value < 0 || (padding > 0 && !pad)) return std::nullopt;
            padding += pad ? 1 : 0;
            group = group << 6 | static_cast<std::uint32_t>(value);
        }
        for (std::size_t k = 0; k < 3 - padding; ++k) out += static_cast<char>(group >> (16 - 8 * k) & 255u);
        text.remove_prefix(4);
    }
    return out;
}

}  // namespace

std::string floats_to_text(const std::vector<double>& values) {
    std::string bytes;
    bytes.reserve(values.size() * 4);
    for (const double v : values) {
        const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(v));
        for (int k = 0; k < 4; ++k) bytes += static_cast<char>(bits >> (8 * k) & 255u);
    }
    return encoded(bytes);
}

std::optional<std::vector<double>> floats_from_text(std::string_view text) {
    const auto bytes = decoded(text);
    if (!bytes || bytes->size() % 4 != 0) return std::nullopt;
    std::vector<double> values(bytes->size() / 4);
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 4; ++k) bits |= static_cast<std::uint32_t>(static_cast<unsigned char>((*bytes)[4 * i + k])) << (8 * k);
        values[i] = static_cast<double>(std::bit_cast<float>(bits));
        if (!std::isfinite(values[i])) return std::nullopt;
    }
    return values;
}

}  // namespace moeplan
