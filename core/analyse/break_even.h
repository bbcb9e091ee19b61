#pragma once
// Where two candidates cost the same per unit of work, over utilisation and the ratio of their GPU-hours' prices. Closed form:
// a unit costs k * price / utilisation, k its GPU-hours of work, so cost_a(u, r) = cost_b holds at
// r(u) = (cost_b / cost_a) * (price_a / price_b) * (u / u_a). docs/method.md, "Break-even".

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/report.h"

namespace moeplan {

// Money per unit of work: proportional to the GPU-hour's price and to 1 / utilisation. Not per hour, month or cold start.
bool is_unit_price(std::string_view metric);

// A candidate as it pays: `cost` is of one unit of the objective at the GPU-hour's central price, without that price's spread.
struct Payer {
    std::string name;
    Estimate cost;
    double usd_per_gpu_hour = 0;
    double utilisation = 1;
};

// Of the cheapest payer (the verdict's winner where it is decided) against each other one, in their order; at utilisations of
// 5 % to 100 %. The interval is that of the two costs' quotient, read as independent. Payers whose cost, price or utilisation
// may be zero are left out.
std::vector<BreakEven> break_evens(std::span<const Payer> payers);

}  // namespace moeplan
