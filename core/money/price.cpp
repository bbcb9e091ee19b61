#include "core/money/price.h"

#include <cmath>

#include <fmt/format.h>

#include "core/base/require.h"

namespace moeplan {
namespace {

bool finite_and_not_negative(double value) { return std::isfinite(value) && value >= 0; }

}  // namespace

OwnedHour owned_hour(const Ownership& ownership) {
    require(std::isfinite(ownership.years) && ownership.years > 0,
            "ownership lasts a positive number of years");
    require(ownership.residual_fraction >= 0 && ownership.residual_fraction <= 1, "residual is a fraction");
    require(std::isfinite(ownership.pue) && ownership.pue >= 1, "PUE is at least 1");
    require(finite_and_not_negative(ownership.capital.value) &&
                finite_and_not_negative(ownership.yearly_interest) &&
                finite_and_not_negative(ownership.power.value) &&
                finite_and_not_negative(ownership.usd_per_kwh) &&
                finite_and_not_negative(ownership.space.value),
            "capital, interest, power, electricity and space are finite and not negative");
    const double capital = ownership.capital.value;
    OwnedHour hour;
    hour.depreciation.value = capital * (1 - ownership.residual_fraction) / (ownership.years * kHoursPerYear);
    hour.interest.value =
        capital * (1 + ownership.residual_fraction) / 2 * ownership.yearly_interest / kHoursPerYear;
    hour.energy.value = ownership.power.value / 1000 * ownership.pue * ownership.usd_per_kwh;
    hour.space = ownership.space;
    return hour;
}

DollarsPerHour hourly_cost(const Ownership& ownership) { return owned_hour(ownership).total(); }

GpuHour rented_gpu_hour(const RentalPrice& price) {
    require(price.low_usd >= 0 && price.low_usd <= price.median_usd && price.median_usd <= price.high_usd,
            "a rental price has 0 <= low <= median <= high");
    return {{price.median_usd, price.low_usd, price.high_usd},
            fmt::format("{} {}, median of {} offers, {}: {}", price.gpu, price.tier, price.offers, price.date,
                        price.source)};
}

GpuHour owned_gpu_hour(const Ownership& ownership) {
    return {Estimate::exact(hourly_cost(ownership).value),
            fmt::format("owned: {:.0f} USD over {:g} years, {:.0f} W, PUE {:g}, {:g} USD/kWh",
                        ownership.capital.value, ownership.years, ownership.power.value, ownership.pue,
                        ownership.usd_per_kwh)};
}

std::optional<double> break_even_utilisation(DollarsPerHour owned, DollarsPerHour rented) {
    require(finite_and_not_negative(owned.value) && finite_and_not_negative(rented.value),
            "hourly prices are finite and not negative");
    if (rented.value == 0) return std::nullopt;
    return owned / rented;
}

std::optional<double> payback_months(const Ownership& ownership, DollarsPerHour rented, double utilisation) {
    require(utilisation >= 0 && utilisation <= 1, "utilisation is a fraction");
    require(finite_and_not_negative(rented.value), "the rent is finite and not negative");
    const OwnedHour hour = owned_hour(ownership);
    const double interest = ownership.capital.value * ownership.yearly_interest / kHoursPerYear;
    const double saved = utilisation * rented.value - interest - hour.energy.value - hour.space.value;
    if (saved <= 0) return std::nullopt;
    return ownership.capital.value / (saved * kHoursPerMonth);
}

}  // namespace moeplan
