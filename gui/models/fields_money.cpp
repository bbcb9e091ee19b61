// Section "money": what a GPU hour costs and how much of it works.
#include <cmath>

#include <fmt/format.h>

#include "gui/models/field_tables.h"

namespace moeplan::fields {
namespace {

const Ownership* owned(const Scenario& s) { return std::get_if<Ownership>(&s.money.price); }

std::string kind_of(const PriceSpec& price) {
    if (const auto* rented = std::get_if<RentedPrice>(&price)) return rented->tier;
    return std::holds_alternative<GivenPrice>(price) ? "gpu_hour" : "owned";
}

const Candidate* first(const Scenario& s) { return s.candidates.empty() ? nullptr : &s.candidates.front(); }

// The median offer for the first candidate's GPU; what was paid before, where there is none.
double usual_gpu_hour(const Scenario& s, const Catalog& catalog) {
    const auto* rented = std::get_if<RentedPrice>(&s.money.price);
    const DeviceSpec* device = first(s) ? catalog.device(first(s)->gpu) : nullptr;
    const RentalPrice* price = device ? catalog.price(device->id, rented ? rented->tier : "on_demand") : nullptr;
    if (const auto* given = std::get_if<GivenPrice>(&s.money.price)) return given->usd_per_gpu_hour;
    return price ? price->median_usd : 1;
}

// Power and electricity from the catalog's figures; a capital at which owning starts where renting stands.
Ownership usual_ownership(const Scenario& s, const Catalog& catalog) {
    Ownership usual;
    const DeviceSpec* device = first(s) ? catalog.device(first(s)->gpu) : nullptr;
    if (const Figure* power = device ? catalog.figure("kw_per_gpu." + device->id) : nullptr) usual.power = {power->value * 1000};
    else if (device && device->power) usual.power = *device->power;
    if (const Figure* energy = catalog.figure("usd_per_kwh.ohio_commercial")) usual.usd_per_kwh = energy->value;
    const double left = usual_gpu_hour(s, catalog) - hourly_cost(usual).value;
    usual.capital = {std::max(0.0, std::round(left * usual.years * kHoursPerYear))};
    return usual;
}

// A candidate's own money terms hold what they inherited, too (core/scenario/scenario.h): what is as the study's follows it.
template <class Change>
void change_money(Scenario& s, Change change) {
    const MoneySpec before = s.money;
    change(s.money);
    for (auto& candidate : s.candidates) {
        if (!candidate.money) continue;
        MoneySpec& own = *candidate.money;
        if (own.price == before.price) own.price = s.money.price;
        if (own.utilisation == before.utilisation) own.utilisation = s.money.utilisation;
        if (own.pue == before.pue) own.pue = s.money.pue;
        if (own.grams_co2_per_kwh == before.grams_co2_per_kwh) own.grams_co2_per_kwh = s.money.grams_co2_per_kwh;
        if (own.power_fraction == before.power_fraction) own.power_fraction = s.money.power_fraction;
    }
}

void set_kind(Scenario& s, const Catalog& catalog, std::size_t, const std::string& kind) {
    if (kind == kind_of(s.money.price)) return;
    PriceSpec price = RentedPrice{kind};
    if (kind == "gpu_hour") price = GivenPrice{usual_gpu_hour(s, catalog)};
    if (kind == "owned") price = usual_ownership(s, catalog);
    change_money(s, [&](MoneySpec& money) { money.price = price; });
}

// What the first candidate's GPU is offered for stands beside the tier.
std::vector<Choice> kinds(const Scenario& s, const Catalog& catalog, std::size_t) {
    const DeviceSpec* device = first(s) ? catalog.device(first(s)->gpu) : nullptr;
    std::vector<Choice> all;
    for (const auto& [tier, label] :
         {std::pair{"on_demand", "rented on demand"}, {"spot", "rented, spot"}, {"reserved", "rented, reserved"}}) {
        const RentalPrice* price = device ? catalog.price(device->id, tier) : nullptr;
        all.push_back({tier, price ? fmt::format("{}, ${:.2f}/h", label, price->median_usd) : std::string(label)});
    }
    all.push_back({"gpu_hour", "a price of your own"});
    all.push_back({"owned", "owned"});
    return all;
}

void add_rent(FieldTable& table) {
    table.choices.push_back({.id = "money.price",
                             .label = "GPUs are",
                             .help = "Rented: the median of published offers with their 10th to 90th percentile as interval. Owned: "
                                     "capital, power and space per hour (docs/method.md: Price).",
                             .options = kinds,
                             .get = [](const Scenario& s, std::size_t) { return std::optional(kind_of(s.money.price)); },
                             .set = set_kind});
    table.numbers.push_back({.id = "money.gpu_hour",
                             .label = "price of a GPU-hour",
                             .unit = "USD/h",
                             .help = "What one GPU costs for an hour, USD (docs/method.md: Price).",
                             .least = 0.1,
                             .most = 20,
                             .logarithmic = true,
                             .units = &dollar_per_hour_units(),
                             .lowest = 0,
                             .highest = 1e6,
                             .get = [](const Scenario& s, std::size_t) -> std::optional<double> {
                                 const auto* given = std::get_if<GivenPrice>(&s.money.price);
                                 return given ? std::optional(given->usd_per_gpu_hour) : std::nullopt;
                             },
                             .set =
                                 [](Scenario& s, std::size_t, double value) {
                                     change_money(s, [&](MoneySpec& money) {
                                         if (auto* given = std::get_if<GivenPrice>(&money.price)) given->usd_per_gpu_hour = value;
                                     });
                                 }});
}

// A number of ownership.
template <class Read, class Write>
void add_owned(FieldTable& table, NumberField field, Read read, Write write) {
    field.get = [read](const Scenario& s, std::size_t) -> std::optional<double> {
        return owned(s) ? std::optional<double>(read(*owned(s))) : std::nullopt;
    };
    field.set = [write](Scenario& s, std::size_t, double value) {
        change_money(s, [&](MoneySpec& money) {
            if (auto* own = std::get_if<Ownership>(&money.price)) write(*own, value);
        });
    };
    table.numbers.push_back(std::move(field));
}

void add_ownership(FieldTable& table) {
    using O = Ownership;
    add_owned(
        table,
        {.id = "money.capital",
         .label = "capital per GPU",
         .unit = "USD",
         .help = "What a GPU costs with its share of server, network and rack, USD (docs/method.md: Price).",
         .least = 1000,
         .most = 100'000,
         .logarithmic = true,
         .units = &dollar_units(),
         .lowest = 0,
         .highest = 1e12},
        [](const O& o) { return o.capital.value; }, [](O& o, double v) { o.capital = {v}; });
    add_owned(
        table,
        {.id = "money.years",
         .label = "years in use",
         .unit = "years",
         .help = "Straight-line depreciation over these (docs/method.md: Price).",
         .least = 1,
         .most = 10,
         .lowest = 0,
         .highest = 50,
         .above_lowest = true},
        [](const O& o) { return o.years; }, [](O& o, double v) { o.years = v; });
    add_owned(
        table,
        {.id = "money.residual",
         .label = "worth at the end",
         .unit = "%",
         .help = "Of the capital, when it is sold after those years.",
         .least = 0,
         .most = 1,
         .lowest = 0,
         .highest = 1},
        [](const O& o) { return o.residual_fraction; }, [](O& o, double v) { o.residual_fraction = v; });
    add_owned(
        table,
        {.id = "money.interest",
         .label = "interest a year",
         .unit = "%",
         .help = "On the mean book value (docs/method.md: Price).",
         .least = 0,
         .most = 0.2,
         .lowest = 0,
         .highest = 1},
        [](const O& o) { return o.yearly_interest; }, [](O& o, double v) { o.yearly_interest = v; });
    add_owned(
        table,
        {.id = "money.power",
         .label = "power per GPU",
         .unit = "W",
         .help = "At load, with its share of the server, W.",
         .least = 50,
         .most = 3000,
         .logarithmic = true,
         .units = &watt_units(),
         .lowest = 0,
         .highest = 1e9},
        [](const O& o) { return o.power.value; }, [](O& o, double v) { o.power = {v}; });
    add_owned(
        table,
        {.id = "money.owned_pue",
         .label = "PUE of your building",
         .help = "Energy of the building over energy of its machines (ISO/IEC 30134-2).",
         .least = 1,
         .most = 2,
         .lowest = 1,
         .highest = 10},
        [](const O& o) { return o.pue; }, [](O& o, double v) { o.pue = v; });
    add_owned(
        table,
        {.id = "money.electricity",
         .label = "electricity",
         .unit = "USD/kWh",
         .help = "Price of a kilowatt-hour, USD.",
         .least = 0.01,
         .most = 1,
         .logarithmic = true,
         .units = &dollar_per_kwh_units(),
         .lowest = 0,
         .highest = 1e6},
        [](const O& o) { return o.usd_per_kwh; }, [](O& o, double v) { o.usd_per_kwh = v; });
    add_owned(
        table,
        {.id = "money.space",
         .label = "space and staff per GPU",
         .unit = "USD/h",
         .help = "What else an hour of a GPU costs, USD/h.",
         .least = 0,
         .most = 2,
         .units = &dollar_per_hour_units(),
         .lowest = 0,
         .highest = 1e6},
        [](const O& o) { return o.space.value; }, [](O& o, double v) { o.space = {v}; });
}

void add_use(FieldTable& table) {
    table.numbers.push_back(
        {.id = "money.utilisation",
         .label = "utilisation",
         .unit = "%",
         .help = "Share of the paid hours that carries the load; the rest is paid idle (docs/method.md: Utilisation).",
         .least = 0.01,
         .most = 1,
         .lowest = 0,
         .highest = 1,
         .above_lowest = true,
         .get = [](const Scenario& s, std::size_t) { return std::optional(s.money.utilisation); },
         .set = [](Scenario& s, std::size_t, double value) { change_money(s, [&](MoneySpec& money) { money.utilisation = value; }); }});
    table.numbers.push_back(
        {.id = "money.pue",
         .label = "PUE",
         .help = "Energy of the building over energy of its machines, for energy and CO₂ (docs/method.md: Energy).",
         .least = 1,
         .most = 2,
         .lowest = 1,
         .highest = 10,
         .get = [](const Scenario& s, std::size_t) { return std::optional(s.money.pue); },
         .set = [](Scenario& s, std::size_t, double value) { change_money(s, [&](MoneySpec& money) { money.pue = value; }); }});
    table.numbers.push_back(
        {.id = "money.power_fraction",
         .label = "board power drawn",
         .unit = "%",
         .help = "Of the board power, while serving. Empty: full board power, a ceiling (docs/method.md: Energy).",
         .least = 0.1,
         .most = 1,
         .lowest = 0,
         .highest = 1,
         .get = [](const Scenario& s,
                   std::size_t) { return s.money.power_fraction ? std::optional(s.money.power_fraction->value) : std::nullopt; },
         .set = [](Scenario& s, std::size_t,
                   double value) { change_money(s, [&](MoneySpec& money) { money.power_fraction = Estimate::exact(value); }); },
         .fallback = [](const Scenario&, const Catalog&, std::size_t) { return std::optional(Fallback{1, "all: a ceiling"}); },
         .clear = [](Scenario& s, std::size_t) { change_money(s, [](MoneySpec& money) { money.power_fraction.reset(); }); }});
    table.numbers.push_back(
        {.id = "money.co2",
         .label = "CO₂ of the grid",
         .unit = "g/kWh",
         .help = "Grams of CO₂ per kilowatt-hour of your grid. Empty: no figure (docs/method.md: Energy).",
         .least = 0,
         .most = 1000,
         .units = &gram_per_kwh_units(),
         .lowest = 0,
         .highest = 1e6,
         .get = [](const Scenario& s, std::size_t) { return s.money.grams_co2_per_kwh; },
         .set = [](Scenario& s, std::size_t,
                   double value) { change_money(s, [&](MoneySpec& money) { money.grams_co2_per_kwh = value; }); },
         .fallback = [](const Scenario&, const Catalog&, std::size_t) { return std::optional(Fallback{0, "not given"}); },
         .clear = [](Scenario& s, std::size_t) { change_money(s, [](MoneySpec& money) { money.grams_co2_per_kwh.reset(); }); }});
}

}  // namespace

FieldTable money_fields() {
    FieldTable table;
    add_rent(table);
    add_ownership(table);
    add_use(table);
    return table;
}

}  // namespace moeplan::fields
