// The tables of units: decimal prefixes are SI, binary ones IEC 80000-13.
#include "core/base/units_text.h"

namespace moeplan {
namespace {

constexpr double kKi = 1024.0;

}  // namespace

const UnitSet& byte_units() {
    static const UnitSet set{"a data size", "80 GiB",
        {{"B"}, {"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"PB", 1e15},
         {"KiB", kKi}, {"MiB", kKi * kKi}, {"GiB", kKi * kKi * kKi}, {"TiB", kKi * kKi * kKi * kKi},
         {"PiB", kKi * kKi * kKi * kKi * kKi}}};
    return set;
}

const UnitSet& byte_rate_units() {
    static const UnitSet set{"a data rate", "3.35 TB/s",
        {{"B/s"}, {"kB/s", 1e3}, {"KB/s", 1e3}, {"MB/s", 1e6}, {"GB/s", 1e9}, {"TB/s", 1e12}, {"PB/s", 1e15},
         {"KiB/s", kKi}, {"MiB/s", kKi * kKi}, {"GiB/s", kKi * kKi * kKi}, {"TiB/s", kKi * kKi * kKi * kKi},
         {"bit/s", 1, 8}, {"kbit/s", 1e3, 8}, {"Mbit/s", 1e6, 8}, {"Gbit/s", 1e9, 8}, {"Tbit/s", 1e12, 8}}};
    return set;
}

const UnitSet& flop_rate_units() {
    static const UnitSet set{"an arithmetic rate",
                             "989 TFLOP/s",
                             {{"FLOP/s"},
                              {"MFLOP/s", 1e6},
                              {"GFLOP/s", 1e9},
                              {"TFLOP/s", 1e12},
                              {"PFLOP/s", 1e15},
                              {"EFLOP/s", 1e18},
                              {"FLOPS"},
                              {"MFLOPS", 1e6},
                              {"GFLOPS", 1e9},
                              {"TFLOPS", 1e12},
                              {"PFLOPS", 1e15},
                              {"EFLOPS", 1e18}}};
    return set;
}

const UnitSet& second_units() {
    static const UnitSet set{"a duration",
                             "50 ms",
                             {{"s"},
                              {"ms", 1, 1e3},
                              {"us", 1, 1e6},
                              {"µs", 1, 1e6},
                              {"ns", 1, 1e9},
                              {"min", 60},
                              {"h", 3600},
                              {"d", 86400}}};
    return set;
}

const UnitSet& rate_units() {
    static const UnitSet set{"a rate", "4/s", {{"/s"}, {"/min", 1, 60}, {"/h", 1, 3600}}};
    return set;
}

const UnitSet& dollar_units() {
    static const UnitSet set{"an amount of money", "2.50 USD", {{"USD"}, {"$"}}};
    return set;
}

const UnitSet& dollar_per_hour_units() {
    static const UnitSet set{
        "a price per hour", "2.50 USD/h", {{"USD/h"}, {"USD/hour"}, {"$/h"}, {"$/hour"}}};
    return set;
}

const UnitSet& dollar_per_kwh_units() {
    static const UnitSet set{
        "a price of energy", "0.10 USD/kWh", {{"USD/kWh"}, {"$/kWh"}, {"USD/MWh", 1, 1e3}}};
    return set;
}

const UnitSet& watt_units() {
    static const UnitSet set{"a power", "700 W", {{"W"}, {"kW", 1e3}, {"MW", 1e6}, {"mW", 1, 1e3}}};
    return set;
}

const UnitSet& gram_per_kwh_units() {
    static const UnitSet set{"an emission factor", "400 g/kWh", {{"g/kWh"}, {"kg/kWh", 1e3}}};
    return set;
}

}  // namespace moeplan
