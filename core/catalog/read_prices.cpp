#include <fmt/format.h>

#include "core/catalog/readers.h"

namespace moeplan {

namespace {

const std::vector<std::string> kTiers = {"on_demand", "spot", "reserved"};

double positive_price(const YamlNode& row, std::string_view key, std::optional<double> otherwise) {
    const YamlNode node = row[key];
    if (!node.exists()) {
        if (!otherwise) row.problem(fmt::format("'{}' is missing", key));
        return otherwise.value_or(0);
    }
    const auto price = node.dollars_per_hour();
    if (price && price->value <= 0) node.problem("a price above 0 is expected");
    return price ? price->value : 0;
}

RentalPrice read_price(const YamlNode& row) {
    RentalPrice price;
    price.gpu = required_text(row, "gpu");
    if (const YamlNode tier = row["tier"]; !tier.exists())
        row.problem("'tier' is missing", "on_demand, spot or reserved");
    else if (const auto index = tier.choice(kTiers)) price.tier = kTiers[*index];
    price.median_usd = positive_price(row, "median", std::nullopt);
    price.low_usd = positive_price(row, "low", price.median_usd);
    price.high_usd = positive_price(row, "high", price.median_usd);
    if (price.low_usd > price.median_usd || price.median_usd > price.high_usd)
        row.problem("low <= median <= high does not hold");
    if (row["offers"].exists())
        price.offers = static_cast<int>(row["offers"].integer(1, 1'000'000).value_or(1));
    else price.offers = 1;
    price.date = required_text(row, "date");
    price.source = required_text(row, "source");
    row.reject_unknown_keys();
    return price;
}

}  // namespace

std::vector<RentalPrice> read_prices(const YamlNode& root) {
    std::vector<RentalPrice> out;
    if (!root.is_list()) {
        root.problem("a list of {gpu, tier, median, date, source} is expected");
        return out;
    }
    out.reserve(root.size());
    for (std::size_t i = 0; i < root.size(); ++i) out.push_back(read_price(root.at(i)));
    return out;
}

}  // namespace moeplan
