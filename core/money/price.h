#pragma once
// What a GPU hour costs: rented at a tier with the providers' spread, or owned.

#include <optional>
#include <string>

#include "core/base/estimate.h"
#include "core/base/result.h"
#include "core/base/units.h"

namespace moeplan {

// One catalog row: what providers asked for one GPU and tier at one date.
struct RentalPrice {
    std::string gpu;       // device id
    std::string tier;      // on_demand, spot, reserved
    double median_usd = 0, low_usd = 0, high_usd = 0;   // per GPU-hour: median, 10th, 90th percentile of offers
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

// Straight-line: capital*(1-residual)/life + average interest + power*PUE*price + space. docs/method.md.
DollarsPerHour hourly_cost(const Ownership& ownership);

// $ per GPU-hour with its spread and where it is from.
struct GpuHour {
    Estimate usd;
    std::string source;
};

}  // namespace moeplan
