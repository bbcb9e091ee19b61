#pragma once
// 16-bit and 8-bit floating point numbers as bits, to and from float, on the host. Rounds to nearest, ties to even.
// Source: IEEE 754-2019 (binary16); bfloat16 is the upper half of binary32; e4m3: "FP8 Formats for Deep Learning",
// arXiv 2209.05433, table 1 (bias 7, largest 448, no infinities).

#include <bit>
#include <cmath>
#include <cstdint>

namespace moeplan::cuda {

inline float bf16_value(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

inline std::uint16_t bf16_bits(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if (value != value) return static_cast<std::uint16_t>(0x7fffu);
    return static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

inline float fp16_value(std::uint16_t bits) {
    const int exponent = (bits >> 10) & 0x1f, fraction = bits & 0x3ff;
    const float sign = (bits & 0x8000u) ? -1.0f : 1.0f;
    if (exponent == 31) return fraction ? std::nanf("") : sign * INFINITY;
    if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
    return sign * std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
}

inline std::uint16_t fp16_bits(float value) {
    const std::uint16_t sign = std::signbit(value) ? 0x8000u : 0u;
    const float size = std::fabs(value);
    if (value != value) return 0x7fff;
    if (size >= 65520.0f) return static_cast<std::uint16_t>(sign | 0x7c00u);   // rounds up to infinity
    if (size < std::ldexp(1.0f, -14))
        return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(std::nearbyint(std::ldexp(size, 24))));
    int exponent = 0;
    const float fraction = std::frexp(size, &exponent);   // in [0.5, 1)
    // A fraction rounded up to 2048 carries into the exponent by itself.
    const int rounded = static_cast<int>(std::nearbyint(std::ldexp(fraction, 11)));
    return static_cast<std::uint16_t>(sign | (((exponent + 13) << 10) + rounded));
}

inline float fp8_value(std::uint8_t bits) {
    const int exponent = (bits >> 3) & 0xf, fraction = bits & 7;
    const float sign = (bits & 0x80u) ? -1.0f : 1.0f;
    if (exponent == 15 && fraction == 7) return std::nanf("");
    if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -9);
    return sign * std::ldexp(static_cast<float>(fraction + 8), exponent - 10);
}

// What is too large becomes the largest number, as the hardware's saturating conversion does.
inline std::uint8_t fp8_bits(float value) {
    const std::uint8_t sign = std::signbit(value) ? 0x80u : 0u;
    const float size = std::fabs(value);
    if (value != value) return static_cast<std::uint8_t>(sign | 0x7fu);
    if (size >= 448.0f) return static_cast<std::uint8_t>(sign | 0x7eu);
    if (size < std::ldexp(1.0f, -6))
        return static_cast<std::uint8_t>(sign | static_cast<std::uint8_t>(std::nearbyint(std::ldexp(size, 9))));
    int exponent = 0;
    const float fraction = std::frexp(size, &exponent);
    const int rounded = static_cast<int>(std::nearbyint(std::ldexp(fraction, 4)));
    return static_cast<std::uint8_t>(sign | (((exponent + 5) << 3) + rounded));
}

}  // namespace moeplan::cuda
