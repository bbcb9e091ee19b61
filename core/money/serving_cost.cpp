#include "core/money/serving_cost.h"

#include <algorithm>
#include <cmath>

#include "core/base/require.h"
#include "core/money/price.h"

namespace moeplan {
namespace {

constexpr double kSecondsPerHour = 3600;
constexpr double kJoulesPerKwh = 3.6e6;
constexpr double kMillion = 1e6;

bool finite_and_not_negative(double value) { return std::isfinite(value) && value >= 0; }

bool usable(const Estimate& e) {
    return finite_and_not_negative(e.low) && std::isfinite(e.high) && e.low <= e.value && e.value <= e.high;
}

// a / b with both extremes meeting; absent when b may be zero or so small that the quotient is not finite.
std::optional<Estimate> quotient(const Estimate& a, const Estimate& b) {
    const Estimate q{a.value / b.value, a.low / b.high, a.high / b.low};
    if (!(b.low > 0) || !std::isfinite(q.high)) return std::nullopt;
    return q;
}

}  // namespace

UnitPrices unit_prices(const Estimate& usd_per_gpu_hour, const ServingLoad& load) {
    require(usable(usd_per_gpu_hour), "the price of a GPU-hour is finite, ordered and not negative");
    require(usable(load.requests_per_second), "the throughput is finite, ordered and not negative");
    require(std::isfinite(load.gpus) && load.gpus > 0, "at least one GPU is paid for");
    require(load.utilisation >= 0 && load.utilisation <= 1, "utilisation is a fraction");
    require(finite_and_not_negative(load.input_tokens) && finite_and_not_negative(load.output_tokens),
            "token counts are finite and not negative");
    UnitPrices prices;
    prices.usd_per_hour = usd_per_gpu_hour * load.gpus;
    prices.usd_per_month = prices.usd_per_hour * kHoursPerMonth;
    const Estimate requests_per_hour = load.requests_per_second * (load.utilisation * kSecondsPerHour);
    const auto per = [&](double of_each_request) {
        return quotient(prices.usd_per_hour, requests_per_hour * of_each_request);
    };
    prices.usd_per_request = per(1);
    prices.usd_per_mtok_input = per(load.input_tokens / kMillion);
    prices.usd_per_mtok_output = per(load.output_tokens / kMillion);
    prices.usd_per_mtok_total = per((load.input_tokens + load.output_tokens) / kMillion);
    return prices;
}

std::optional<Estimate> joules_per_output_token(Watts board_power, const Estimate& power_fraction,
                                                double gpus, const Estimate& output_tokens_per_second,
                                                double pue) {
    require(finite_and_not_negative(board_power.value) && finite_and_not_negative(gpus),
            "power and GPUs are finite and not negative");
    require(usable(power_fraction) && usable(output_tokens_per_second),
            "power fraction and throughput are finite, ordered and not negative");
    require(std::isfinite(pue) && pue >= 1, "PUE is at least 1");
    return quotient(power_fraction * (board_power.value * gpus * pue), output_tokens_per_second);
}

double grams_co2(Joules energy, double grams_per_kwh) {
    require(finite_and_not_negative(energy.value) && finite_and_not_negative(grams_per_kwh),
            "energy and grid intensity are finite and not negative");
    return energy.value / kJoulesPerKwh * grams_per_kwh;
}

Seconds ColdStart::total() const {
    return engine + (streamed ? std::max(read, upload) : read + upload);
}

ColdStart cold_start(Bytes weights, WeightLocation where, BytesPerSecond source_rate,
                     BytesPerSecond pcie_per_gpu, double gpus, Seconds engine_start, bool streamed) {
    require(finite_and_not_negative(weights.value) && finite_and_not_negative(engine_start.value),
            "weights and engine start are finite and not negative");
    require(std::isfinite(gpus) && gpus > 0 && pcie_per_gpu.value > 0,
            "a replica has GPUs with a link to the host");
    require(where == WeightLocation::page_cache || source_rate.value > 0, "the weights' source has a rate");
    ColdStart start;
    if (where != WeightLocation::page_cache) start.read = weights / source_rate;
    start.upload = weights / BytesPerSecond{pcie_per_gpu.value * gpus};
    start.engine = engine_start;
    start.streamed = streamed;
    return start;
}

IdleGap idle_gap(const ColdStart& start, DollarsPerHour replica, Seconds gap) {
    require(finite_and_not_negative(replica.value) && finite_and_not_negative(gap.value),
            "price and gap are finite and not negative");
    return {replica * gap, replica * start.total(), start.total()};
}

Seconds break_even_idle(const ColdStart& start) { return start.total(); }

std::optional<double> break_even_requests_per_hour(DollarsPerHour replica, double other_usd_per_request) {
    require(finite_and_not_negative(replica.value) && finite_and_not_negative(other_usd_per_request),
            "prices are finite and not negative");
    const double requests = replica.value / other_usd_per_request;
    if (!std::isfinite(requests)) return std::nullopt;
    return requests;
}

}  // namespace moeplan
