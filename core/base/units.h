#pragma once
// Physical quantities as types: adding bytes to seconds does not compile.
// Each quantity is a double in the SI base named by its tag; only meaningful products exist.

#include <compare>

namespace moeplan {

template <class Tag>
struct Quantity {
    double value = 0;

    constexpr auto operator<=>(const Quantity&) const = default;

    constexpr Quantity& operator+=(Quantity other) { value += other.value; return *this; }
    constexpr Quantity& operator-=(Quantity other) { value -= other.value; return *this; }

    friend constexpr Quantity operator+(Quantity a, Quantity b) { return {a.value + b.value}; }
    friend constexpr Quantity operator-(Quantity a, Quantity b) { return {a.value - b.value}; }
    friend constexpr Quantity operator*(Quantity a, double k) { return {a.value * k}; }
    friend constexpr Quantity operator*(double k, Quantity a) { return {a.value * k}; }
    friend constexpr Quantity operator/(Quantity a, double k) { return {a.value / k}; }
    friend constexpr double operator/(Quantity a, Quantity b) { return a.value / b.value; }
};

using Seconds = Quantity<struct SecondsTag>;
using Bytes = Quantity<struct BytesTag>;
using Flops = Quantity<struct FlopsTag>;  // floating point operations, not a rate
using BytesPerSecond = Quantity<struct BytesPerSecondTag>;
using FlopsPerSecond = Quantity<struct FlopsPerSecondTag>;
using Dollars = Quantity<struct DollarsTag>;
using DollarsPerHour = Quantity<struct DollarsPerHourTag>;
using Watts = Quantity<struct WattsTag>;
using Joules = Quantity<struct JoulesTag>;
using PerSecond = Quantity<struct PerSecondTag>;  // requests or events per second

constexpr Seconds operator/(Bytes b, BytesPerSecond r) { return {b.value / r.value}; }
constexpr Seconds operator/(Flops f, FlopsPerSecond r) { return {f.value / r.value}; }
constexpr Bytes operator*(BytesPerSecond r, Seconds t) { return {r.value * t.value}; }
constexpr Joules operator*(Watts p, Seconds t) { return {p.value * t.value}; }
constexpr Dollars operator*(DollarsPerHour rate, Seconds t) { return {rate.value * t.value / 3600.0}; }

constexpr double kGB = 1e9;                         // decimal: datasheets
constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;   // binary: allocators
constexpr double kMiB = 1024.0 * 1024.0;

}  // namespace moeplan
