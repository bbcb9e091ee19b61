#include "core/calibrate/float_text.h"

#include <cmath>
#include <limits>
#include <random>

#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("one is the bytes 00 00 80 3F in base64") {
    // 1.0f = 0x3F800000, lowest byte first: 000000 000000 000010 000000 | 001111 11(0000) -> A A C A P w.
    CHECK(floats_to_text({1.0}) == "AACAPw==");
    CHECK(floats_from_text("AACAPw==") == std::vector<double>{1.0});
}

TEST_CASE("several numbers follow each other without a gap") {
    // 1.0f and -2.5f = 0xC0200000: 00 00 80 3F 00 00 20 C0.
    CHECK(floats_to_text({1.0, -2.5}) == "AACAPwAAIMA=");
    CHECK(floats_from_text("AACAPwAAIMA=") == std::vector<double>{1.0, -2.5});
    // Three are twelve bytes: no padding.
    CHECK(floats_to_text({0.0, 0.0, 1.0}) == "AAAAAAAAAAAAAIA/");
    CHECK(floats_to_text({}).empty());
    CHECK(floats_from_text("") == std::vector<double>{});
}

TEST_CASE("every single-precision number comes back as it was, a double as its nearest one") {
    std::mt19937_64 random(11);
    for (std::size_t n = 0; n < 200; ++n) {
        std::vector<double> singles, doubles;
        for (std::size_t i = 0; i < n; ++i) {
            const double x = std::ldexp(static_cast<double>(random() >> 11) * 0x1.0p-53 - 0.5,
                                        static_cast<int>(random() % 200) - 100);
            doubles.push_back(x);
            singles.push_back(static_cast<double>(static_cast<float>(x)));
        }
        REQUIRE(floats_from_text(floats_to_text(singles)) == singles);
        REQUIRE(floats_from_text(floats_to_text(doubles)) == singles);
    }
}

TEST_CASE("what is not base64 of whole, finite numbers is refused") {
    for (const char* text :
         {"AACAP", "AACAPw", "AACAPw=", "AACA", "AACAPwAA", "AACA Pw=", "AACAP-==", "AACAP_==", "AAC=Pw==", "AACA=w==",
          "AACAPw==AACAPw==", "====", "A===", "AACAPw=A", "AACAP\xc3\xa9=", "\"AACAPw="}) {
        INFO(text);
        CHECK_FALSE(floats_from_text(text));
    }
    CHECK_FALSE(floats_from_text(std::string_view("AAC\0Pw==", 8)));
    // 0x7FC00000 is NaN, 0x7F800000 and 0xFF800000 are the infinities.
    CHECK_FALSE(floats_from_text("AADAfw=="));
    CHECK_FALSE(floats_from_text("AACAfw=="));
    CHECK_FALSE(floats_from_text("AACA/w=="));
    CHECK_FALSE(floats_from_text(floats_to_text({1, std::numeric_limits<double>::quiet_NaN()})));
    CHECK_FALSE(floats_from_text(floats_to_text({1e300})));
}
