// YamlNode: scalars and quantities. Every reader says what it found, what it wanted, and gives an example.
#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/yaml/state.h"

namespace moeplan {
namespace {

bool looks_like_boolean(const std::string& text) {
    return text == "true" || text == "false" || text == "True" || text == "False";
}

// Doubles hold integers exactly up to here: "1e6" is a fine count, "1e300" is not.
constexpr double kExactIntegers = 9007199254740992.0;

template <class Q>
std::optional<Q> typed(std::optional<double> value) {
    return value ? std::optional<Q>(Q{*value}) : std::nullopt;
}

}  // namespace

std::optional<std::string> YamlNode::raw() const {
    if (is_scalar()) return impl_->node->text;
    problem(fmt::format("expected a single value, found {}", found()));
    return std::nullopt;
}

std::optional<std::string> YamlNode::text() const {
    if (!is_scalar() || impl_->node->text.empty()) {
        problem(fmt::format("expected text, found {}", is_scalar() ? "an empty text" : found()));
        return std::nullopt;
    }
    const auto& node = *impl_->node;
    if (!node.quoted && (parse_number(node.text) || looks_like_boolean(node.text))) {
        problem(fmt::format("expected text, found {}", found()),
                fmt::format("if it is a name, quote it: \"{}\"", node.text));
        return std::nullopt;
    }
    return node.text;
}

std::optional<bool> YamlNode::boolean() const {
    if (is_scalar() && !impl_->node->quoted) {
        const std::string& text = impl_->node->text;
        if (text == "true" || text == "True") return true;
        if (text == "false" || text == "False") return false;
    }
    problem(fmt::format("expected true or false, found {}", found()));
    return std::nullopt;
}

std::optional<double> YamlNode::number(double at_least, double at_most) const {
    const auto parsed = is_scalar() && !impl_->node->quoted ? parse_number(impl_->node->text)
                                                            : Parsed<double>(tl::unexpected(std::string{}));
    if (!parsed) {
        problem(fmt::format("expected a number, found {}", found()));
        return std::nullopt;
    }
    if (*parsed < at_least || *parsed > at_most) {
        const bool upper = std::isfinite(at_most);
        const std::string range = upper && std::isfinite(at_least)
                                      ? fmt::format("from {} to {}", at_least, at_most)
                                  : upper ? fmt::format("of at most {}", at_most)
                                          : fmt::format("of at least {}", at_least);
        problem(fmt::format("expected a number {}, found {}", range, impl_->node->text));
        return std::nullopt;
    }
    return *parsed;
}

std::optional<std::int64_t> YamlNode::integer(std::int64_t at_least, std::int64_t at_most) const {
    std::optional<std::int64_t> value;
    if (is_scalar() && !impl_->node->quoted) {
        const std::string& text = impl_->node->text;
        std::int64_t whole = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), whole);
        if (read.ec == std::errc{} && read.ptr == text.data() + text.size()) {
            value = whole;
        } else if (const auto real = parse_number(text);
                   real && *real == std::floor(*real) && std::abs(*real) <= kExactIntegers) {
            value = static_cast<std::int64_t>(*real);
        }
    }
    const bool bounded = at_most != std::numeric_limits<std::int64_t>::max();
    const std::string range =
        bounded ? fmt::format("from {} to {}", at_least, at_most) : fmt::format("of at least {}", at_least);
    if (!value || *value < at_least || *value > at_most) {
        problem(fmt::format("expected a whole number {}, found {}", range, found()));
        return std::nullopt;
    }
    return value;
}

std::optional<double> YamlNode::fraction() const {
    if (!is_scalar()) {
        problem(
            fmt::format("expected a fraction from 0 to 1 or a percentage such as '35 %', found {}", found()));
        return std::nullopt;
    }
    const auto parsed = parse_fraction(impl_->node->text);
    if (parsed) return *parsed;
    problem(parsed.error());
    return std::nullopt;
}

std::optional<double> YamlNode::quantity(const UnitSet& units) const {
    if (!is_scalar()) {
        problem(fmt::format("expected {} such as '{}', found {}", units.kind, units.example, found()));
        return std::nullopt;
    }
    const auto parsed = parse_quantity(impl_->node->text, units);
    if (!parsed) {
        problem(parsed.error());
        return std::nullopt;
    }
    if (*parsed < 0) {
        problem(fmt::format("'{}' is negative; expected {} such as '{}'", impl_->node->text, units.kind,
                            units.example));
        return std::nullopt;
    }
    return *parsed;
}

std::optional<Bytes> YamlNode::bytes() const { return typed<Bytes>(quantity(byte_units())); }
std::optional<BytesPerSecond> YamlNode::bytes_per_second() const {
    return typed<BytesPerSecond>(quantity(byte_rate_units()));
}
std::optional<FlopsPerSecond> YamlNode::flops_per_second() const {
    return typed<FlopsPerSecond>(quantity(flop_rate_units()));
}
std::optional<Seconds> YamlNode::seconds() const { return typed<Seconds>(quantity(second_units())); }
std::optional<PerSecond> YamlNode::per_second() const { return typed<PerSecond>(quantity(rate_units())); }
std::optional<Dollars> YamlNode::dollars() const { return typed<Dollars>(quantity(dollar_units())); }
std::optional<DollarsPerHour> YamlNode::dollars_per_hour() const {
    return typed<DollarsPerHour>(quantity(dollar_per_hour_units()));
}
std::optional<Watts> YamlNode::watts() const { return typed<Watts>(quantity(watt_units())); }

std::optional<Estimate> YamlNode::estimate() const {
    if (!is_map()) {
        const auto value = number();
        return value ? std::optional<Estimate>(Estimate::exact(*value)) : std::nullopt;
    }
    const auto value = (*this)["value"].number();
    const auto low = (*this)["low"].number();
    const auto high = (*this)["high"].number();
    reject_unknown_keys();
    if (!value || !low || !high) return std::nullopt;
    if (*low > *value || *value > *high) {
        problem(fmt::format("expected low <= value <= high, found {} <= {} <= {}", *low, *value, *high));
        return std::nullopt;
    }
    return Estimate{*value, *low, *high};
}

std::optional<std::size_t> YamlNode::choice(const std::vector<std::string>& names) const {
    if (!is_scalar()) {
        problem(fmt::format("expected one of {}; found {}", one_of(names, 30), found()));
        return std::nullopt;
    }
    const auto at = std::ranges::find(names, impl_->node->text);
    if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
    problem(fmt::format("expected one of {}; found {}", one_of(names, 30), found()),
            did_you_mean(impl_->node->text, names));
    return std::nullopt;
}

}  // namespace moeplan
