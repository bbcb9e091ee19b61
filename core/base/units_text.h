#pragma once
// Quantities as people write them ("80 GiB", "3.35 TB/s", "50 ms", "2.50 USD/h") and as YAML is written back.
// Rounded figures for people are core/report/format.h's.
// A unit is never assumed: a bare number is an error, and GB (1e9) is not GiB (2^30).

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "core/base/units.h"

namespace moeplan {

// The value, or one sentence saying what was found and what is accepted.
template <class T>
using Parsed = tl::expected<T, std::string>;

// value in SI = number * multiply / divide; the division keeps "50 ms" exactly 0.05.
struct Unit {
    std::string_view name;
    double multiply = 1;
    double divide = 1;
};

// The units one kind of quantity is written in. `example` is shown in messages.
struct UnitSet {
    std::string_view kind;     // "a data size"
    std::string_view example;  // "80 GiB"
    std::vector<Unit> units;
};

const UnitSet& byte_units();               // B kB KB MB GB TB PB KiB MiB GiB TiB PiB
const UnitSet& byte_rate_units();          // the same per second, and bit/s … Tbit/s
const UnitSet& flop_rate_units();          // FLOP/s … EFLOP/s, also GFLOPS …
const UnitSet& second_units();             // ns us ms s min h d
const UnitSet& rate_units();               // /s /min /h
const UnitSet& dollar_units();             // USD, $ (before or after the number)
const UnitSet& dollar_per_hour_units();    // USD/h, $2.50/h
const UnitSet& dollar_per_kwh_units();     // USD/kWh
const UnitSet& watt_units();               // mW W kW MW
const UnitSet& gram_per_kwh_units();       // g/kWh kg/kWh

// A finite decimal number with nothing around it: "-1.5e3", "+2", ".5".
Parsed<double> parse_number(std::string_view text);
// A number of 0..1, or "35 %".
Parsed<double> parse_fraction(std::string_view text);
// The number in the set's base unit. Errors: no unit, unknown unit (nearest named), not a finite number.
Parsed<double> parse_quantity(std::string_view text, const UnitSet& units);

Parsed<Bytes> parse_bytes(std::string_view text);
Parsed<BytesPerSecond> parse_bytes_per_second(std::string_view text);
Parsed<FlopsPerSecond> parse_flops_per_second(std::string_view text);
Parsed<Seconds> parse_seconds(std::string_view text);
Parsed<PerSecond> parse_per_second(std::string_view text);
Parsed<Dollars> parse_dollars(std::string_view text);
Parsed<DollarsPerHour> parse_dollars_per_hour(std::string_view text);
Parsed<Watts> parse_watts(std::string_view text);

// The shortest text that parse_number / parse_quantity read back to exactly this value.
std::string print_number(double value);
std::string print_quantity(double value, const UnitSet& units);

}  // namespace moeplan
