// What several sections share.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/nearest.h"
#include "core/base/number_format.h"
#include "core/scenario/sections.h"

namespace moeplan::scenario {

Spot spot_of(const YamlNode& node) {
    const std::string where = node.where();
    return {where.substr(0, where.rfind(':')), node.line(), node.path()};
}

std::optional<Form> only_form(const YamlNode& node, const std::vector<std::string>& names,
                              std::string_view example) {
    if (!node.expect_map(example)) return std::nullopt;
    std::optional<Form> form;
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto body = node.find(names[i]);
        if (!body) continue;
        if (form) {
            body->problem(fmt::format("'{}' and '{}' exclude each other", names[form->index], names[i]),
                          "keep one of them");
            return std::nullopt;
        }
        form = Form{i, *body};
    }
    if (form) return form;
    for (const auto& key : node.keys()) {
        // One answer for a misspelt form, not "expected one of" and "unknown key" both.
        if (const auto hint = did_you_mean(key, names); !hint.empty()) {
            node[key].problem(fmt::format("unknown key '{}'", key.substr(0, 60)), hint);
            return std::nullopt;
        }
    }
    node.problem(fmt::format("expected one of {}, for example '{}'", one_of(names), example));
    return std::nullopt;
}

std::optional<double> tokens(const YamlNode& node) { return node.number(1, kMostTokens); }

std::optional<double> positive(const YamlNode& node, double at_most) {
    const auto value = node.number(0, at_most);
    if (!value || *value > 0) return value;
    node.problem("expected a number above 0, found 0");
    return std::nullopt;
}

std::optional<Seconds> duration(const YamlNode& node, double most) {
    const auto time = node.seconds();
    if (!time || time->value <= most) return time;
    node.problem(fmt::format("expected a duration of at most {} d", std::floor(most / 86400)));
    return std::nullopt;
}

std::optional<Seconds> above_zero(const YamlNode& node, double most) {
    const auto time = duration(node, most);
    if (!time || time->value > 0) return time;
    node.problem("expected a duration above 0");
    return std::nullopt;
}

std::optional<std::string> read_name(const YamlNode& node, std::string_view of) {
    const auto name = node.text();
    if (!name) return std::nullopt;
    if (name->find_first_of(".@=[]") != std::string::npos || name->size() > 100) {
        node.problem(
            fmt::format("'{}' cannot be a {}'s name", name->substr(0, 100), of),
            "use at most 100 letters, digits, '-' and '_'; expectations write name.metric@axis=value");
        return std::nullopt;
    }
    return name;
}

bool KnownNames::check(const YamlNode& node, const std::string& name) {
    if (std::ranges::find(names_, name) != names_.end()) return true;
    std::string hint = hints_left_-- > 0 ? did_you_mean(name, names_) : "";
    if (hint.empty()) hint = "candidates: " + one_of(names_);
    hints_left_ = std::max(hints_left_, 0);
    node.problem(fmt::format("there is no candidate '{}'", name.substr(0, 100)), std::move(hint));
    return false;
}

void simulations_only(const YamlNode& node, std::string_view key, bool simulated) {
    if (!simulated)
        node.problem(fmt::format("closed forms do not know '{}': 'method: simulate' is needed", key),
                     "add 'method: simulate' or leave the key out");
}

std::optional<std::pair<double, double>> low_high(const YamlNode& node,
                                                  std::optional<double> (*read)(const YamlNode&)) {
    if (!node.is_list() || node.size() != 2) {
        node.problem(fmt::format("expected [low, high], found {}",
                                 node.is_list() ? fmt::format("a list of {}", node.size()) : node.found()));
        return std::nullopt;
    }
    const auto low = read(node.at(0));
    const auto high = read(node.at(1));
    if (!low || !high) return std::nullopt;
    if (*low > *high) {
        node.problem(fmt::format("the first of [low, high] is larger: {} > {}", *low, *high));
        return std::nullopt;
    }
    return std::pair(*low, *high);
}

std::optional<NumberFormat> number_format(const YamlNode& node) {
    const auto index = node.choice(number_format_names());
    return index ? std::optional(all_number_formats()[*index]) : std::nullopt;
}

std::optional<double> gpu_hour(const YamlNode& node) {
    static const UnitSet units{"the price of one GPU for one hour", "2.50 USD",
                               {{"USD"}, {"$"}, {"USD/h"}, {"USD/hour"}, {"$/h"}}};
    const auto usd = node.quantity(units);
    if (usd && *usd > 1e6) {
        node.problem("more than a million dollars per GPU-hour");
        return std::nullopt;
    }
    return usd;
}

}  // namespace moeplan::scenario
