#pragma once
// Number formats of the CPU's kernels: bf16 held as its 16 bits, and how one source becomes code for several chips.

#include <bit>
#include <cstdint>

// A hot function compiled for several x86 levels, chosen when the program starts: the program is built for any x86-64
// and still uses the vectors a kernel library would. GCC only; sanitizers cannot run its resolvers.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__) && defined(__OPTIMIZE__)
#define MOEPLAN_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MOEPLAN_CLONES
#endif
// Inlined into each of those, so that it is compiled for each of them too.
#define MOEPLAN_INLINE inline __attribute__((always_inline))

namespace moeplan::cpu {

// The upper half of an fp32.
enum class Bf16 : std::uint16_t {};

MOEPLAN_INLINE float widen(float value) { return value; }
MOEPLAN_INLINE float widen(Bf16 value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16U); }
MOEPLAN_INLINE float widen(std::int8_t value) { return static_cast<float>(value); }

// Nearest, ties to even; not for NaN.
MOEPLAN_INLINE Bf16 to_bf16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return static_cast<Bf16>(static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16U) & 1U)) >> 16U));
}

template <class T>
T narrow(float value);
template <>
MOEPLAN_INLINE float narrow<float>(float value) {
    return value;
}
template <>
MOEPLAN_INLINE Bf16 narrow<Bf16>(float value) {
    return to_bf16(value);
}
// Of numbers about 1: 1/32 a step, clamped.
template <>
MOEPLAN_INLINE std::int8_t narrow<std::int8_t>(float value) {
    const float scaled = value * 32.0F;
    const float clamped = scaled < -127.0F ? -127.0F : scaled > 127.0F ? 127.0F : scaled;
    return static_cast<std::int8_t>(clamped);
}

// e^x within 3e-7 relative for -87 <= x <= 88, clamped outside; unlike std::exp it compiles to vector code.
// 2^n * e^r with r in [-ln2/2, ln2/2] and a polynomial of degree 6 for e^r (its Taylor series; remainder r^7/5040 <
// 1.3e-7).
MOEPLAN_INLINE float fast_exp(float x) {
    x = x < -87.0F ? -87.0F : x > 88.0F ? 88.0F : x;
    const float n = static_cast<float>(static_cast<std::int32_t>(x * 1.44269504F + (x < 0 ? -0.5F : 0.5F)));
    const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;  // ln 2 in two parts
    float p = 1.0F / 720;
    p = p * r + 1.0F / 120;
    p = p * r + 1.0F / 24;
    p = p * r + 1.0F / 6;
    p = p * r + 0.5F;
    p = p * r + 1.0F;
    p = p * r + 1.0F;
    return p * std::bit_cast<float>((static_cast<std::int32_t>(n) + 127) << 23);
}

MOEPLAN_INLINE float silu(float x) { return x / (1.0F + fast_exp(-x)); }

}  // namespace moeplan::cpu
