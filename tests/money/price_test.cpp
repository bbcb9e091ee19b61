#include "core/money/price.h"

#include <stdexcept>

#include "tests/support/catch.h"

using namespace moeplan;

namespace {

// 43,800 USD over 5 years of 8760 h is 1 USD/h of straight-line depreciation.
Ownership one_dollar_an_hour() {
    Ownership own;
    own.capital = {43800};
    own.years = 5;
    return own;
}

}  // namespace

TEST_CASE("an owned hour adds depreciation, interest, energy and space") {
    Ownership own = one_dollar_an_hour();
    own.residual_fraction = 0.2;
    own.yearly_interest = 0.08;
    own.power = {1500};
    own.pue = 1.2;
    own.usd_per_kwh = 0.10;
    own.space = {0.05};
    const OwnedHour hour = owned_hour(own);
    CHECK(hour.depreciation.value == Approx(0.8));
    CHECK(hour.interest.value == Approx(0.24));  // 43800 * 0.6 * 0.08 / 8760
    CHECK(hour.energy.value == Approx(0.18));    // 1.5 kW * 1.2 * 0.10
    CHECK(hour.total().value == Approx(1.27));
    CHECK(hourly_cost(own).value == hour.total().value);
}

TEST_CASE("owned hours over the whole life return capital, interest, energy and space") {
    Ownership own = one_dollar_an_hour();
    own.yearly_interest = 0.06;
    own.power = {700};
    own.usd_per_kwh = 0.12;
    const double life_hours = own.years * kHoursPerYear;
    const double spent = hourly_cost(own).value * life_hours;
    const double interest = own.capital.value / 2 * 0.06 * own.years;
    CHECK(spent == Approx(43800 + interest + 0.7 * 0.12 * life_hours));
}

TEST_CASE("a rental price keeps its spread and says where it is from") {
    const GpuHour hour =
        rented_gpu_hour({"h100_sxm", "on_demand", 2.5, 1.9, 4.0, 17, "2026-05-24", "a price list"});
    CHECK(hour.usd == Estimate{2.5, 1.9, 4.0});
    CHECK_THAT(hour.source, ContainsSubstring("on_demand") && ContainsSubstring("17 offers") &&
                                ContainsSubstring("2026-05-24") && ContainsSubstring("a price list"));
    CHECK_THROWS_AS(rented_gpu_hour({"x", "spot", 1.0, 2.0, 3.0, 1, "", ""}), std::logic_error);
}

TEST_CASE("owning breaks even at the share of hours that renting would have to be paid for") {
    CHECK(*break_even_utilisation({1.25}, {2.5}) == Approx(0.5));
    CHECK(*break_even_utilisation({3.0}, {2.5}) > 1);
    CHECK_FALSE(break_even_utilisation({1.0}, {0.0}).has_value());
}

TEST_CASE("capital is paid back by the rent saved, sooner the busier the GPU, or never") {
    Ownership own = one_dollar_an_hour();
    own.power = {1000};
    own.usd_per_kwh = 0.5;
    // 43800 / (730 * (2.5 - 0.5)) = 30 months
    CHECK(*payback_months(own, {2.5}, 1.0) == Approx(30));
    CHECK(*payback_months(own, {2.5}, 0.6) == Approx(60));
    CHECK_FALSE(payback_months(own, {2.5}, 0.2).has_value());
}

TEST_CASE("a life of zero years is the programmer's mistake") {
    Ownership own = one_dollar_an_hour();
    own.years = 0;
    CHECK_THROWS_AS(hourly_cost(own), std::logic_error);
}
