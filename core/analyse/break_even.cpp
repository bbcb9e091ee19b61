#include "core/analyse/break_even.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "core/base/estimate_math.h"

namespace moeplan {
namespace {

constexpr int kFirstPercent = 5, kStepPercent = 3;   // 5, 8, 11 … 98 %, then 100 %

std::vector<double> utilisations() {
    std::vector<double> all;
    for (int percent = kFirstPercent; percent < 100; percent += kStepPercent) all.push_back(percent / 100.0);
    all.push_back(1);
    return all;
}

bool pays(const Payer& p) { return p.cost.low > 0 && p.usd_per_gpu_hour > 0 && p.utilisation > 0; }

BreakEven between(const Payer& a, const Payer& b) {
    BreakEven even{a.name, b.name, {}, a.utilisation, a.usd_per_gpu_hour / b.usd_per_gpu_hour};
    const Estimate at_full = independent_quotient(b.cost, a.cost) * (even.price_ratio / a.utilisation);
    for (const double u : utilisations()) even.points.push_back({u, at_full * u});
    return even;
}

}  // namespace

bool is_unit_price(std::string_view metric) {
    constexpr std::array<std::string_view, 3> kOther{"usd_per_hour", "usd_per_month", "usd_per_cold_start"};
    return metric.starts_with("usd_per_") && std::ranges::find(kOther, metric) == kOther.end();
}

std::vector<BreakEven> break_evens(std::span<const Payer> payers) {
    std::vector<Payer> paying;
    std::ranges::copy_if(payers, std::back_inserter(paying), pays);
    std::vector<BreakEven> all;
    if (paying.size() < 2) return all;
    const auto cheapest = std::ranges::min_element(paying, {}, [](const Payer& p) { return p.cost.value; });
    for (auto other = paying.begin(); other != paying.end(); ++other) {
        if (other != cheapest) all.push_back(between(*cheapest, *other));
    }
    return all;
}

}  // namespace moeplan
