// 16-bit and 8-bit numbers against the tables of their formats.

#include <cmath>
#include <limits>

#include "gpu/cuda/number_codec.h"
#include "tests/support/catch.h"

using namespace moeplan::cuda;

TEST_CASE("known numbers have the bits their formats give them") {
    CHECK(bf16_bits(1.0f) == 0x3f80);
    CHECK(bf16_bits(-2.5f) == 0xc020);
    CHECK(fp16_bits(1.0f) == 0x3c00);
    CHECK(fp16_bits(65504.0f) == 0x7bff);
    CHECK(fp16_bits(std::ldexp(1.0f, -24)) == 0x0001);
    CHECK(fp16_bits(1e6f) == 0x7c00);
    // arXiv 2209.05433, table 1: largest 448 = 1111.110, smallest normal 2^-6, smallest 2^-9.
    CHECK(fp8_bits(448.0f) == 0x7e);
    CHECK(fp8_bits(std::ldexp(1.0f, -6)) == 0x08);
    CHECK(fp8_bits(std::ldexp(1.0f, -9)) == 0x01);
    CHECK(fp8_bits(-1.0f) == 0xb8);
    CHECK(fp8_bits(1e9f) == 0x7e);
    CHECK(std::isnan(fp8_value(0x7f)));
}

TEST_CASE("every stored number comes back as itself") {
    for (unsigned bits = 0; bits < 0x10000u; ++bits) {
        const auto b = static_cast<std::uint16_t>(bits);
        if (!std::isnan(bf16_value(b))) REQUIRE(bf16_bits(bf16_value(b)) == b);
        if (!std::isnan(fp16_value(b))) REQUIRE(fp16_bits(fp16_value(b)) == b);
    }
    for (unsigned bits = 0; bits < 0x100u; ++bits) {
        const auto b = static_cast<std::uint8_t>(bits);
        if (!std::isnan(fp8_value(b))) REQUIRE(fp8_bits(fp8_value(b)) == b);
    }
}

TEST_CASE("halfway between two numbers the even one is taken") {
    CHECK(bf16_value(bf16_bits(1.0f + std::ldexp(1.0f, -8))) == 1.0f);
    CHECK(bf16_value(bf16_bits(1.0f + 3 * std::ldexp(1.0f, -8))) == 1.0f + std::ldexp(1.0f, -6));
    CHECK(fp16_value(fp16_bits(1.0f + std::ldexp(1.0f, -11))) == 1.0f);
    CHECK(fp16_value(fp16_bits(2047.5f)) == 2048.0f);
    CHECK(fp8_value(fp8_bits(17.0f)) == 16.0f);
    CHECK(fp8_value(fp8_bits(19.0f)) == 20.0f);
    CHECK(std::isnan(bf16_value(bf16_bits(std::numeric_limits<float>::quiet_NaN()))));
    CHECK(std::isnan(fp16_value(fp16_bits(std::numeric_limits<float>::quiet_NaN()))));
}
