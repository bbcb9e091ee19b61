#include "core/base/units_text.h"

#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/base/nearest.h"

namespace moeplan {
namespace {

// Longer than any number or unit a person writes; the rest is not shown in messages.
constexpr std::size_t kShown = 60;

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::string shown(std::string_view text) {
    return text.size() <= kShown ? std::string(text) : std::string(text.substr(0, kShown)) + "…";
}

struct Split {
    double number = 0;
    std::string_view rest;  // after the number, trimmed
};

// The longest number at the start. Nothing when there is none or it is not finite.
Parsed<Split> split_number(std::string_view text) {
    std::string_view body = trim(text);
    const std::string_view whole = body;
    if (body.starts_with('+') && !body.starts_with("+-")) body.remove_prefix(1);
    // from_chars takes "inf" and "nan" too: not numbers here.
    const bool starts = !body.empty() && (body.front() == '-' || body.front() == '.' ||
                                          (body.front() >= '0' && body.front() <= '9'));
    Split split;
    const auto read = std::from_chars(body.data(), body.data() + body.size(), split.number);
    if (!starts || read.ec == std::errc::invalid_argument ||
        (read.ec == std::errc{} && !std::isfinite(split.number))) {
        return tl::unexpected(
            fmt::format("found '{}', which does not start with a finite number", shown(whole)));
    }
    if (read.ec != std::errc{}) {
        return tl::unexpected(fmt::format("'{}' is too large or too small for a number", shown(whole)));
    }
    split.rest = trim(body.substr(static_cast<std::size_t>(read.ptr - body.data())));
    return split;
}

std::vector<std::string> names_of(const UnitSet& units) {
    std::vector<std::string> names;
    for (const auto& unit : units.units) names.emplace_back(unit.name);
    return names;
}

std::string accepted(const UnitSet& units) {
    return fmt::format("{} with its unit, for example '{}' (units: {})", units.kind, units.example,
                       one_of(names_of(units), 24));
}

const Unit* find_unit(const UnitSet& units, std::string_view name) {
    for (const auto& unit : units.units) {
        if (unit.name == name) return &unit;
    }
    return nullptr;
}

// "$2.50/h" -> number 2.50 with unit "USD/h".
Parsed<double> parse_dollar_sign(std::string_view body, std::string_view whole, const UnitSet& units) {
    const auto split = split_number(body);
    if (!split) return tl::unexpected(split.error() + "; expected " + accepted(units));
    const std::string name = "USD" + std::string(split->rest);
    const Unit* unit = find_unit(units, name);
    if (!unit) return tl::unexpected(fmt::format("'{}' is not {}", shown(whole), accepted(units)));
    return split->number * unit->multiply / unit->divide;
}

template <class Q>
Parsed<Q> typed(const Parsed<double>& parsed) {
    if (!parsed) return tl::unexpected(parsed.error());
    return Q{*parsed};
}

}  // namespace

Parsed<double> parse_number(std::string_view text) {
    const auto split = split_number(text);
    if (!split) return tl::unexpected(split.error());
    if (!split->rest.empty()) {
        return tl::unexpected(fmt::format("'{}' is not a plain number ('{}' follows it)", shown(trim(text)),
                                          shown(split->rest)));
    }
    return split->number;
}

Parsed<double> parse_fraction(std::string_view text) {
    constexpr std::string_view expected = "expected a fraction from 0 to 1 or a percentage such as '35 %'";
    const auto split = split_number(text);
    if (!split) return tl::unexpected(fmt::format("{}; {}", split.error(), expected));
    if (!split->rest.empty() && split->rest != "%") {
        return tl::unexpected(fmt::format("'{}': {}", shown(trim(text)), expected));
    }
    const double value = split->rest == "%" ? split->number / 100 : split->number;
    if (value < 0 || value > 1)
        return tl::unexpected(fmt::format("'{}' is out of range; {}", shown(trim(text)), expected));
    return value;
}

Parsed<double> parse_quantity(std::string_view text, const UnitSet& units) {
    const std::string_view whole = trim(text);
    if (whole.empty()) return tl::unexpected("the value is empty; expected " + accepted(units));
    if (whole.front() == '$') return parse_dollar_sign(whole.substr(1), whole, units);
    const auto split = split_number(whole);
    if (!split) return tl::unexpected(split.error() + "; expected " + accepted(units));
    if (split->rest.empty()) {
        return tl::unexpected(fmt::format("'{}' has no unit; expected {}", shown(whole), accepted(units)));
    }
    const Unit* unit = find_unit(units, split->rest);
    if (!unit) {
        const auto hint = did_you_mean(split->rest, names_of(units));
        return tl::unexpected(fmt::format("'{}' has the unknown unit '{}'; expected {}{}", shown(whole),
                                          shown(split->rest), accepted(units),
                                          hint.empty() ? "" : "; " + hint));
    }
    const double value = split->number * unit->multiply / unit->divide;
    if (!std::isfinite(value)) return tl::unexpected(fmt::format("'{}' is too large", shown(whole)));
    return value;
}

Parsed<Bytes> parse_bytes(std::string_view t) { return typed<Bytes>(parse_quantity(t, byte_units())); }
Parsed<BytesPerSecond> parse_bytes_per_second(std::string_view t) {
    return typed<BytesPerSecond>(parse_quantity(t, byte_rate_units()));
}
Parsed<FlopsPerSecond> parse_flops_per_second(std::string_view t) {
    return typed<FlopsPerSecond>(parse_quantity(t, flop_rate_units()));
}
Parsed<Seconds> parse_seconds(std::string_view t) {
    return typed<Seconds>(parse_quantity(t, second_units()));
}
Parsed<PerSecond> parse_per_second(std::string_view t) {
    return typed<PerSecond>(parse_quantity(t, rate_units()));
}
Parsed<Dollars> parse_dollars(std::string_view t) {
    return typed<Dollars>(parse_quantity(t, dollar_units()));
}
Parsed<DollarsPerHour> parse_dollars_per_hour(std::string_view t) {
    return typed<DollarsPerHour>(parse_quantity(t, dollar_per_hour_units()));
}
Parsed<Watts> parse_watts(std::string_view t) { return typed<Watts>(parse_quantity(t, watt_units())); }

std::string print_number(double value) { return fmt::format("{}", value); }

std::string print_quantity(double value, const UnitSet& units) {
    std::string best;
    std::size_t shortest = std::numeric_limits<std::size_t>::max();
    for (const auto& unit : units.units) {
        const std::string number = print_number(value * unit.divide / unit.multiply);
        const std::string text = number + (unit.name.starts_with('/') ? "" : " ") + std::string(unit.name);
        const auto back = parse_quantity(text, units);
        // The first unit wins a tie, so that "2.5 USD" is not "2.5 $".
        if (!back || *back != value || number.size() >= shortest) continue;
        shortest = number.size();
        best = text;
    }
    return best;
}

}  // namespace moeplan
