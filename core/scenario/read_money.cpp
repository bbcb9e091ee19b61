#include <fmt/format.h>

#include "core/scenario/sections.h"

namespace moeplan::scenario {
namespace {

constexpr std::string_view kPriceExample = "{tier: on_demand}";

std::optional<PriceSpec> read_owned(const YamlNode& node) {
    if (!node.expect_map("{capital: 30000 USD, years: 4, power: 1.3 kW, pue: 1.3, energy: 0.10 USD/kWh}"))
        return std::nullopt;
    Ownership owned;
    const auto capital = node["capital"].dollars();
    const auto years = node.find("years") ? positive(node["years"], 50) : std::optional(owned.years);
    const auto power = node["power"].watts();
    const auto energy = node["energy"].quantity(dollar_per_kwh_units());
    if (const auto residual = node.find("residual")) take(owned.residual_fraction, residual->fraction());
    if (const auto interest = node.find("interest")) take(owned.yearly_interest, interest->fraction());
    if (const auto pue = node.find("pue")) take(owned.pue, pue->number(1, 10));
    if (const auto space = node.find("space")) take(owned.space, space->dollars_per_hour());
    node.reject_unknown_keys();
    if (!capital || !years || !power || !energy) return std::nullopt;
    owned.capital = *capital;
    owned.years = *years;
    owned.power = *power;
    owned.usd_per_kwh = *energy;
    return owned;
}

std::optional<PriceSpec> read_price(const YamlNode& node) {
    const auto form = only_form(node, {"tier", "gpu_hour", "owned"}, kPriceExample);
    node.reject_unknown_keys();
    if (!form) return std::nullopt;
    if (form->index == 0) {
        static const std::vector<std::string> tiers{"on_demand", "spot", "reserved"};
        const auto tier = form->body.choice(tiers);
        return tier ? std::optional<PriceSpec>(RentedPrice{tiers[*tier]}) : std::nullopt;
    }
    if (form->index == 1) {
        const auto usd = gpu_hour(form->body);
        return usd ? std::optional<PriceSpec>(GivenPrice{*usd}) : std::nullopt;
    }
    return read_owned(form->body);
}

// A fraction, or {value:, low:, high:} of fractions.
std::optional<Estimate> fraction_estimate(const YamlNode& node) {
    if (!node.is_map()) {
        const auto value = node.fraction();
        return value ? std::optional(Estimate::exact(*value)) : std::nullopt;
    }
    const auto value = node["value"].fraction();
    const auto low = node["low"].fraction();
    const auto high = node["high"].fraction();
    node.reject_unknown_keys();
    if (!value || !low || !high) return std::nullopt;
    if (*low > *value || *value > *high) {
        node.problem(fmt::format("expected low <= value <= high, found {} <= {} <= {}", *low, *value, *high));
        return std::nullopt;
    }
    return Estimate{*value, *low, *high};
}

void read_energy(const YamlNode& node, MoneySpec& money) {
    if (!node.expect_map("{pue: 1.3, co2: 400 g/kWh, power_fraction: 70 %}")) return;
    if (const auto pue = node.find("pue")) take(money.pue, pue->number(1, 10));
    if (const auto co2 = node.find("co2")) take(money.grams_co2_per_kwh, co2->quantity(gram_per_kwh_units()));
    if (const auto fraction = node.find("power_fraction"))
        take(money.power_fraction, fraction_estimate(*fraction));
    node.reject_unknown_keys();
}

}  // namespace

bool has_money(const YamlNode& owner) {
    const bool price = owner["price"].exists(), used = owner["utilisation"].exists(),
               energy = owner["energy"].exists();
    return price || used || energy;
}

MoneySpec read_money(const YamlNode& owner, const MoneySpec& base) {
    MoneySpec money = base;
    if (const auto price = owner.find("price")) take(money.price, read_price(*price));
    if (const auto used = owner.find("utilisation")) {
        const auto fraction = used->fraction();
        if (fraction && *fraction <= 0)
            used->problem("expected a utilisation above 0: nothing served costs infinitely much a token");
        take(money.utilisation, fraction);
    }
    if (const auto energy = owner.find("energy")) read_energy(*energy, money);
    return money;
}

ColdStartSpec read_cold_start(const YamlNode& node) {
    ColdStartSpec start;
    if (!node.expect_map("{from: disk, rate: 5 GB/s, engine: 20 s}")) return start;
    if (const auto from = node.find("from")) {
        if (const auto index = from->choice({"disk", "network", "page_cache"}))
            start.from = static_cast<WeightSource>(*index);
    }
    if (const auto rate = node.find("rate")) {
        const auto read = rate->bytes_per_second();
        if (read && read->value <= 0)
            rate->problem("expected a rate above 0; leave it out for the catalog's figure");
        take(start.rate, read);
    }
    if (const auto engine = node.find("engine")) {
        const auto read = engine->seconds();
        if (read && read->value <= 0)
            engine->problem("expected a duration above 0; leave it out for the catalog's figure");
        take(start.engine_start, read);
    }
    node.reject_unknown_keys();
    return start;
}

}  // namespace moeplan::scenario
