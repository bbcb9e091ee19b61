#include "core/base/units_text.h"

#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("every quantity people write is read in SI units", "[base][units]") {
    CHECK(parse_bytes("80 GB")->value == 80e9);
    CHECK(parse_bytes("80 GiB")->value == 85899345920.0);
    CHECK(parse_bytes("80GB")->value == 80e9);
    CHECK(parse_bytes_per_second("3.35 TB/s")->value == 3.35e12);
    CHECK(parse_bytes_per_second("400 Gbit/s")->value == 50e9);
    CHECK(parse_flops_per_second("989 TFLOP/s")->value == 989e12);
    CHECK(parse_flops_per_second("989 TFLOPS")->value == 989e12);
    CHECK(parse_seconds("2.5 ms")->value == 0.0025);
    CHECK(parse_seconds("1 s")->value == 1.0);
    CHECK(parse_seconds("500 us")->value == 0.0005);
    CHECK(parse_seconds("2 min")->value == 120.0);
    CHECK(parse_per_second("4/s")->value == 4.0);
    CHECK(parse_per_second("240/min")->value == 4.0);
    CHECK(parse_dollars("2.50 USD")->value == 2.5);
    CHECK(parse_dollars("$2.50")->value == 2.5);
    CHECK(parse_dollars_per_hour("2.50 USD/h")->value == 2.5);
    CHECK(parse_dollars_per_hour("$2.50/h")->value == 2.5);
    CHECK(parse_watts("700 W")->value == 700.0);
    CHECK(parse_watts("1.3 kW")->value == 1300.0);
    CHECK(*parse_fraction("35 %") == 0.35);
    CHECK(*parse_fraction("0.35") == 0.35);
}

TEST_CASE("GB and GiB differ by 7.4 percent", "[base][units]") {
    CHECK(parse_bytes("1 GiB")->value / parse_bytes("1 GB")->value == Approx(1.073741824));
}

TEST_CASE("a missing unit is an error that lists the accepted ones", "[base][units]") {
    const auto bare = parse_bytes("80");
    REQUIRE_FALSE(bare);
    CHECK_THAT(bare.error(), ContainsSubstring("has no unit"));
    CHECK_THAT(bare.error(), ContainsSubstring("80 GiB"));
    CHECK_THAT(bare.error(), ContainsSubstring("TiB"));
}

TEST_CASE("an unknown unit is named, with the nearest one", "[base][units]") {
    const auto wrong = parse_seconds("5 sec");
    REQUIRE_FALSE(wrong);
    CHECK_THAT(wrong.error(), ContainsSubstring("unknown unit 'sec'"));
    const auto cased = parse_bytes_per_second("400 Gbits/s");
    REQUIRE_FALSE(cased);
    CHECK_THAT(cased.error(), ContainsSubstring("did you mean 'Gbit/s'?"));
    CHECK_FALSE(parse_bytes("80 gb"));       // gigabit or gigabyte: not guessed
    CHECK_FALSE(parse_dollars("2.50 EUR"));
    CHECK_FALSE(parse_dollars("$2.50/h"));   // a rate is not an amount
}

TEST_CASE("what is no finite number is refused, never zero", "[base][units]") {
    for (const char* text : {"", " ", "nan", "inf", "-inf", ".nan", ".inf", "nan s", "inf s", "1e999 s",
                             "fast", "--1 s", "+-1 s", "1,5 s", "0x10 s", "s", "$", "$ s", "1e308 d"}) {
        INFO(text);
        CHECK_FALSE(parse_seconds(text));
        CHECK_FALSE(parse_number(text));
    }
    CHECK_FALSE(parse_fraction("35"));
    CHECK_FALSE(parse_fraction("-1 %"));
    CHECK_FALSE(parse_fraction("101 %"));
}

TEST_CASE("a megabyte of text in a quantity does not reach the message", "[base][units]") {
    CHECK(parse_bytes(std::string(1 << 20, 'x')).error().size() < 500);
    CHECK(parse_bytes("1 " + std::string(1 << 20, 'x')).error().size() < 500);
}

TEST_CASE("a printed quantity is read back to the very same number", "[base][units]") {
    CHECK(print_quantity(0.05, second_units()) == "50 ms");
    CHECK(print_quantity(1.0, second_units()) == "1 s");
    CHECK(print_quantity(50e9, byte_rate_units()) == "50 GB/s");
    CHECK(print_quantity(2.5, dollar_units()) == "2.5 USD");
    CHECK(print_quantity(4, rate_units()) == "4/s");
    double x = 1.2345678901234567e-12;
    for (int i = 0; i < 2000; ++i, x *= 1.0371) {
        for (const UnitSet* set :
             {&byte_units(), &byte_rate_units(), &flop_rate_units(), &second_units(), &rate_units(),
              &dollar_units(), &watt_units(), &gram_per_kwh_units(), &dollar_per_kwh_units()}) {
            REQUIRE(parse_quantity(print_quantity(x, *set), *set).value() == x);
        }
        REQUIRE(parse_number(print_number(x)).value() == x);
    }
}

TEST_CASE("zero has a unit too", "[base][units]") {
    CHECK(parse_seconds(print_quantity(0, second_units()))->value == 0);
}
