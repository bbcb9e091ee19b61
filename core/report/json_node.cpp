#include "core/report/json_node.h"

#include <cstdint>

#include <fmt/format.h>

#include "core/base/nearest.h"

namespace moeplan {
namespace {

constexpr std::uint64_t kMostWhole = 9007199254740992;   // 2^53: beyond it not every whole number is a double

const Json kNothing;

std::string_view kind_of(const Json& json) {
    switch (json.type()) {
        case Json::value_t::null: return "nothing";
        case Json::value_t::object: return "an object";
        case Json::value_t::array: return "a list";
        case Json::value_t::string: return "a text";
        case Json::value_t::boolean: return "true or false";
        default: return "a number";
    }
}

}  // namespace

void JsonNode::say(std::string what, std::string hint) const {
    if (!fault_->problem) fault_->problem = Problem{fault_->file, path_, std::move(what), std::move(hint)};
}

void JsonNode::blame(std::string_view expected) const { say(fmt::format("expected {}, found {}", expected, kind_of(*json_))); }

JsonNode JsonNode::child(const Json& json, std::string_view key) const {
    return {&json, path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key), *fault_};
}

JsonNode JsonNode::child(const Json& json, std::size_t index) const { return {&json, fmt::format("{}[{}]", path_, index), *fault_}; }

std::optional<JsonNode> JsonNode::find(std::string_view key) const {
    if (!sound()) return std::nullopt;
    if (!json_->is_object()) {
        blame("an object");
        return std::nullopt;
    }
    const auto found = json_->find(key);
    if (found == json_->end() || found->is_null()) return std::nullopt;
    return child(*found, key);
}

JsonNode JsonNode::at(std::string_view key) const {
    if (auto found = find(key)) return *std::move(found);
    if (sound()) {
        std::vector<std::string> keys;
        for (const auto& [name, value] : json_->items()) keys.push_back(name);
        say(fmt::format("'{}' is missing", key), did_you_mean(key, keys));
    }
    return {&kNothing, path_, *fault_};
}

std::string JsonNode::text() const {
    if (!sound()) return {};
    if (json_->is_string()) return json_->get<std::string>();
    blame("a text");
    return {};
}

bool JsonNode::boolean() const {
    if (!sound()) return false;
    if (json_->is_boolean()) return json_->get<bool>();
    blame("true or false");
    return false;
}

double JsonNode::number() const {
    if (!sound()) return 0;
    if (json_->is_boolean()) return json_->get<bool>() ? 1 : 0;
    if (json_->is_number()) return json_->get<double>();
    blame("a number");
    return 0;
}

std::uint64_t JsonNode::count() const {
    if (!sound()) return 0;
    if (json_->is_number_unsigned()) return json_->get<std::uint64_t>();
    blame("a whole number, 0 or more");
    return 0;
}

std::int64_t JsonNode::size() const {
    const std::uint64_t n = count();
    if (n <= kMostWhole) return static_cast<std::int64_t>(n);
    say("expected a whole number of at most 2^53");
    return 0;
}

std::int64_t JsonNode::whole() const {
    if (!sound() || !json_->is_number_integer() || json_->is_number_unsigned()) return size();
    const auto n = json_->get<std::int64_t>();   // below 0
    if (n >= -static_cast<std::int64_t>(kMostWhole)) return n;
    say("expected a whole number of at least -2^53");
    return 0;
}

Estimate JsonNode::estimate() const {
    const Estimate e{at("value").number(), at("low").number(), at("high").number()};
    if (!(e.low <= e.value && e.value <= e.high)) say("expected low <= value <= high");
    return e;
}

std::vector<double> JsonNode::numbers() const {
    std::vector<double> all;
    for (const JsonNode& item : list()) all.push_back(item.number());
    return all;
}

std::vector<std::string> JsonNode::texts() const {
    std::vector<std::string> all;
    for (const JsonNode& item : list()) all.push_back(item.text());
    return all;
}

std::vector<std::pair<double, double>> JsonNode::pairs() const {
    std::vector<std::pair<double, double>> all;
    for (const JsonNode& item : list()) {
        const auto two = item.numbers();
        if (two.size() == 2) all.emplace_back(two[0], two[1]);
        else item.say("expected a pair of numbers");
    }
    return all;
}

std::vector<JsonNode> JsonNode::list() const {
    std::vector<JsonNode> all;
    if (!sound()) return all;
    if (!json_->is_array()) {
        blame("a list");
        return all;
    }
    all.reserve(json_->size());
    for (std::size_t i = 0; i < json_->size(); ++i) all.push_back(child((*json_)[i], i));
    return all;
}

std::vector<std::pair<std::string, JsonNode>> JsonNode::members() const {
    std::vector<std::pair<std::string, JsonNode>> all;
    if (!sound()) return all;
    if (!json_->is_object()) {
        blame("an object");
        return all;
    }
    for (const auto& [key, value] : json_->items()) all.emplace_back(key, child(value, std::string_view(key)));
    return all;
}

Document JsonNode::document() const {
    if (!sound()) return {};
    switch (json_->type()) {
        case Json::value_t::null: return {};
        case Json::value_t::boolean: return json_->get<bool>();
        case Json::value_t::string: return json_->get<std::string>();
        case Json::value_t::number_integer: return json_->get<std::int64_t>();
        case Json::value_t::number_unsigned: {
            const auto n = json_->get<std::uint64_t>();
            return n <= static_cast<std::uint64_t>(INT64_MAX) ? Document(static_cast<std::int64_t>(n)) : Document(static_cast<double>(n));
        }
        case Json::value_t::array: {
            Document::List all;
            for (const JsonNode& item : list()) all.push_back(item.document());
            return all;
        }
        case Json::value_t::object: {
            Document::Map all;
            for (const auto& [key, item] : members()) all.emplace_back(key, item.document());
            return all;
        }
        default: return json_->get<double>();
    }
}

}  // namespace moeplan
