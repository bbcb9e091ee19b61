#pragma once
// What a GPU hour costs: rented at a tier with the providers' spread, or owned.

#include <optional>
#include <string>

#include "core/base/estimate.h"
#include "core/base/result.h"
#include "core/base/units.h"

namespace moeplan {

// A year of 8760 h in twelve months of 730 h: the billing convention of the public clouds.
constexpr double kHoursPerMonth = 730;
constexpr double kHoursPerYear = 12 * kHoursPerMonth;

// One catalog row: what providers asked for one GPU and tier at one date.
struct RentalPrice {
    std::string gpu;       // device id
    std::string tier;      // on_demand, spot, reserved
    // per GPU-hour: median, 10th, 90th percentile of offers
    double median_usd = 0, low_usd = 0, high_usd = 0;
    int offers = 0;
    std::string date;
    std::string source;
};

// A GPU bought and run in one's own rack.
struct Ownership {
    Dollars capital;                 // per GPU, its share of server, network and rack included
    double years = 4;
    double residual_fraction = 0;    // of the capital, at the end
    double yearly_interest = 0;      // of the capital
    Watts power;                     // per GPU, its share of the server included, at load
    double pue = 1.0;
    double usd_per_kwh = 0;
    DollarsPerHour space;            // per GPU
    bool operator==(const Ownership&) const = default;
};

// The parts of an owned hour. It is paid whether or not the GPU works.
struct OwnedHour {
    DollarsPerHour depreciation;  // capital * (1 - residual) / life
    DollarsPerHour interest;      // yearly interest on the mean book value, capital * (1 + residual) / 2
    DollarsPerHour energy;        // power * PUE * price, at load: an upper bound for idle hours
    DollarsPerHour space;
    DollarsPerHour total() const { return depreciation + interest + energy + space; }
};

// Straight-line depreciation over `years`, interest on the mean book value.
// Source: straight-line method and average-investment interest as in any engineering-economics text;
// PUE = facility energy / IT energy (ISO/IEC 30134-2). docs/method.md.
// Requires: years > 0, residual within 0..1, pue >= 1, all else finite and >= 0.
OwnedHour owned_hour(const Ownership& ownership);
DollarsPerHour hourly_cost(const Ownership& ownership);

// $ per GPU-hour with its spread and where it is from.
struct GpuHour {
    Estimate usd;
    std::string source;
};

// The median offer with the 10th to 90th percentile as its interval; `source` names tier, offers and date.
// Requires: 0 <= low <= median <= high.
GpuHour rented_gpu_hour(const RentalPrice& price);
GpuHour owned_gpu_hour(const Ownership& ownership);

// Share of the hours a GPU must be needed for owning to cost what renting only those hours costs:
// owned / rented, because an owned GPU costs its hour when idle too. Above 1 renting always wins.
// Absent when the rent is zero: owning never pays.
std::optional<double> break_even_utilisation(DollarsPerHour owned, DollarsPerHour rented);

// Months until the rent saved has paid the capital, when the GPU is needed for `utilisation` (0..1) of the
// hours: capital / (730 h * (utilisation * rented - interest on the whole capital - energy - space)). Resale
// is not counted. Absent when running it costs as much as renting: it never pays back. Compare with
// ownership.years * 12.
std::optional<double> payback_months(const Ownership& ownership, DollarsPerHour rented, double utilisation);

}  // namespace moeplan
