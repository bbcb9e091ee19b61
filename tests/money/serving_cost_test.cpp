#include "core/money/serving_cost.h"

#include <stdexcept>

#include "tests/support/catch.h"

using namespace moeplan;

namespace {

ServingLoad two_gpus_ten_per_second() {
    return {
        .gpus = 2, .input_tokens = 1000, .output_tokens = 250, .requests_per_second = Estimate::exact(10)};
}

}  // namespace

TEST_CASE("unit prices divide the fleet's hour by what it serves") {
    // 2 GPUs * 4.50 USD = 9 USD/h over 36,000 requests/h
    const UnitPrices prices = unit_prices(Estimate::exact(4.5), two_gpus_ten_per_second());
    CHECK(prices.usd_per_hour.value == Approx(9));
    CHECK(prices.usd_per_month.value == Approx(6570));
    CHECK(prices.usd_per_request->value == Approx(0.00025));
    CHECK(prices.usd_per_mtok_input->value == Approx(0.25));
    CHECK(prices.usd_per_mtok_output->value == Approx(1.0));
    CHECK(prices.usd_per_mtok_total->value == Approx(0.2));
    CHECK(prices.usd_per_request->is_exact());
}

TEST_CASE("half the utilisation doubles every unit price and leaves the monthly bill") {
    ServingLoad load = two_gpus_ten_per_second();
    const UnitPrices full = unit_prices(Estimate::exact(4.5), load);
    load.utilisation = 0.5;
    const UnitPrices half = unit_prices(Estimate::exact(4.5), load);
    CHECK(half.usd_per_request->value == Approx(2 * full.usd_per_request->value));
    CHECK(half.usd_per_mtok_output->value == Approx(2 * full.usd_per_mtok_output->value));
    CHECK(half.usd_per_month.value == full.usd_per_month.value);
}

TEST_CASE("the interval of a unit price lets the extremes of price and throughput meet") {
    ServingLoad load = two_gpus_ten_per_second();
    load.requests_per_second = {10, 8, 12.5};
    const Estimate price = *unit_prices({4.5, 3.6, 5.0}, load).usd_per_mtok_output;
    CHECK(price.value == Approx(1.0));
    CHECK(price.low == Approx(2 * 3.6 / (3600 * 12.5 * 250e-6)));
    CHECK(price.high == Approx(2 * 5.0 / (3600 * 8 * 250e-6)));
}

TEST_CASE("money over input tokens and over output tokens is the same money") {
    const ServingLoad load = two_gpus_ten_per_second();
    const UnitPrices p = unit_prices({3, 2, 4}, load);
    CHECK(p.usd_per_mtok_input->value * load.input_tokens == Approx(p.usd_per_request->value * 1e6));
    CHECK(p.usd_per_mtok_total->value * (load.input_tokens + load.output_tokens) ==
          Approx(p.usd_per_mtok_output->value * load.output_tokens));
}

TEST_CASE("a price per something that may be zero is absent") {
    ServingLoad load = two_gpus_ten_per_second();
    load.output_tokens = 0;
    const UnitPrices prefill_only = unit_prices(Estimate::exact(4.5), load);
    CHECK_FALSE(prefill_only.usd_per_mtok_output.has_value());
    CHECK(prefill_only.usd_per_mtok_total.has_value());
    load.utilisation = 0;
    CHECK_FALSE(unit_prices(Estimate::exact(4.5), load).usd_per_request.has_value());
    load.utilisation = 1;
    load.requests_per_second = {1, 0, 2};
    CHECK_FALSE(unit_prices(Estimate::exact(4.5), load).usd_per_request.has_value());
    load.requests_per_second = Estimate::exact(1e-320);
    CHECK_FALSE(unit_prices(Estimate::exact(4.5), load).usd_per_request.has_value());
    load.gpus = 0;
    CHECK_THROWS_AS(unit_prices(Estimate::exact(4.5), load), std::logic_error);
}

TEST_CASE("joules per token are the boards' share of power over the tokens") {
    // 700 W * 0.6 * 8 * 1.25 / 4200 tok/s = 1 J
    const auto joules = joules_per_output_token({700}, {0.6, 0.3, 0.9}, 8, {4200, 2100, 8400}, 1.25);
    CHECK(joules->value == Approx(1.0));
    CHECK(joules->low == Approx(0.25));
    CHECK(joules->high == Approx(3.0));
    CHECK_FALSE(joules_per_output_token({700}, Estimate::exact(1), 8, Estimate::exact(0), 1.1).has_value());
}

TEST_CASE("a kilowatt hour at 400 g emits 400 g") { CHECK(grams_co2({3.6e6}, 400) == Approx(400)); }

TEST_CASE("a cold start reads, uploads in parallel and starts the engine") {
    // 140 GB at 7 GB/s: 20 s; 4 GPUs at 35 GB/s: 1 s
    const ColdStart disk = cold_start({140e9}, WeightLocation::disk, {7e9}, {35e9}, 4, {30});
    CHECK(disk.read.value == Approx(20));
    CHECK(disk.upload.value == Approx(1));
    CHECK(disk.total().value == Approx(50));
    const ColdStart plain = cold_start({140e9}, WeightLocation::disk, {7e9}, {35e9}, 4, {30}, false);
    CHECK(plain.total().value == Approx(51));
    const ColdStart cached = cold_start({140e9}, WeightLocation::page_cache, {0}, {35e9}, 4, {30});
    CHECK(cached.read.value == 0);
    CHECK(cached.total().value == Approx(31));
    CHECK_THROWS_AS(cold_start({140e9}, WeightLocation::network, {0}, {35e9}, 4, {30}), std::logic_error);
}

TEST_CASE("stopping pays exactly for gaps longer than the cold start") {
    const ColdStart start = cold_start({140e9}, WeightLocation::disk, {7e9}, {35e9}, 4, {30});
    const IdleGap hour = idle_gap(start, {10}, {3600});
    CHECK(hour.staying_up.value == Approx(10));
    CHECK(hour.restarting.value == Approx(10 * 50.0 / 3600));
    CHECK(hour.wait.value == Approx(50));
    CHECK(hour.stopping_pays());
    CHECK(break_even_idle(start).value == Approx(50));
    CHECK_FALSE(idle_gap(start, {10}, {49}).stopping_pays());
    CHECK(idle_gap(start, {10}, {51}).stopping_pays());
}

TEST_CASE("a replica breaks even with a price per request at their quotient") {
    CHECK(*break_even_requests_per_hour({9}, 0.0005) == Approx(18000));
    CHECK_FALSE(break_even_requests_per_hour({9}, 0).has_value());
}
