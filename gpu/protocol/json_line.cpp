#include "gpu/protocol/json_line.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/base/json_text.h"
#include "core/base/nearest.h"
#include "gpu/protocol/protocol.h"

namespace moeplan::probe_json {
namespace {

tl::unexpected<Problems> bad_line(std::string what) {
    return fail(Problem{"", "", std::move(what), "", ProblemKind::wrong_input});
}

std::string start_of(std::string_view line) {
    constexpr std::size_t kShown = 60;
    return fmt::format("'{}{}'", line.substr(0, kShown), line.size() > kShown ? "…" : "");
}

}  // namespace

std::string shown(const json& value) {
    if (value.is_string()) return fmt::format("'{}'", value.get_ref<const std::string&>().substr(0, 60));
    if (value.is_object()) return "an object";
    if (value.is_array()) return fmt::format("a list of {}", value.size());
    return value.dump();
}

std::string one_line(const json& object) { return object.dump(-1, ' ', false, json::error_handler_t::replace); }

std::optional<std::int64_t> whole_of(const json& value) {
    if (!value.is_number_integer()) return std::nullopt;
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > most) return std::nullopt;
    return value.get<std::int64_t>();
}

Result<json> parse_object(std::string_view line) {
    if (line.size() > kLongestProbeLine) {
        return bad_line(fmt::format("a line of {} bytes; at most {} are read", line.size(), kLongestProbeLine));
    }
    // NaN and Infinity, which some languages write, are left to be refused: a time that is not a number is no sample.
    if (const int deepest = safe_json(line).deepest; deepest > kDeepestProbeLine) {
        return bad_line(fmt::format("nested {} deep; at most {} levels are read", deepest, kDeepestProbeLine));
    }
    json value = json::parse(line, nullptr, false);
    if (value.is_discarded()) return bad_line(fmt::format("expected one JSON object, found {}", start_of(line)));
    if (!value.is_object()) return bad_line(fmt::format("expected a JSON object, found {}", shown(value)));
    return value;
}

void Keys::wrong(const std::string& key, std::string what, std::string hint) {
    problems.push_back({where_, key, std::move(what), std::move(hint), ProblemKind::wrong_input});
}

bool Keys::has(const std::string& key) {
    asked_.insert(key);
    const auto at = object_.find(key);
    return at != object_.end() && !at->is_null();
}

const json* Keys::find(const std::string& key, const char* expected) {
    asked_.insert(key);
    const auto at = object_.find(key);
    if (at != object_.end()) return &*at;
    wrong(key, fmt::format("'{}' is missing; expected {}", key, expected));
    return nullptr;
}

std::int64_t Keys::whole(const std::string& key) {
    const json* value = find(key, "a whole number");
    if (!value) return 0;
    if (const auto number = whole_of(*value)) return *number;
    wrong(key, fmt::format("'{}' is {}; expected a whole number", key, shown(*value)));
    return 0;
}

double Keys::number(const std::string& key) {
    const json* value = find(key, "a number");
    if (!value) return 0;
    if (value->is_number() && std::isfinite(value->get<double>())) return value->get<double>();
    wrong(key, fmt::format("'{}' is {}; expected a number", key, shown(*value)));
    return 0;
}

std::string Keys::text(const std::string& key) {
    const json* value = find(key, "a text");
    if (!value) return {};
    if (value->is_string()) return value->get<std::string>();
    wrong(key, fmt::format("'{}' is {}; expected a text", key, shown(*value)));
    return {};
}

bool Keys::flag(const std::string& key) {
    const json* value = find(key, "true or false");
    if (!value) return false;
    if (value->is_boolean()) return value->get<bool>();
    wrong(key, fmt::format("'{}' is {}; expected true or false", key, shown(*value)));
    return false;
}

NumberFormat Keys::format(const std::string& key) {
    const std::size_t before = problems.size();
    const std::string name = text(key);
    if (problems.size() > before) return NumberFormat::bf16;
    if (const auto format = number_format_named(name)) return *format;
    wrong(key, fmt::format("'{}' is '{}'; expected one of {}", key, name, one_of(number_format_names(), 16)),
          did_you_mean(name, number_format_names()));
    return NumberFormat::bf16;
}

namespace {

template <class T, class Read>
std::vector<T> list_of(Keys& keys, const std::string& key, const json* value, std::size_t most, const char* expected,
                       Read read) {
    if (!value) return {};
    if (!value->is_array() || value->size() > most) {
        keys.wrong(key,
                   fmt::format("'{}' is {}; expected a list of at most {} {}", key, shown(*value), most, expected));
        return {};
    }
    std::vector<T> list;
    list.reserve(value->size());
    for (const json& element : *value) {
        const std::optional<T> one = read(element);
        if (!one) {
            keys.wrong(fmt::format("{}[{}]", key, list.size()),
                       fmt::format("{}; expected {}", shown(element), expected));
            return {};
        }
        list.push_back(*one);
    }
    return list;
}

}  // namespace

std::vector<std::int64_t> Keys::wholes(const std::string& key, std::size_t most) {
    return list_of<std::int64_t>(*this, key, find(key, "a list of whole numbers"), most, "whole numbers", whole_of);
}

std::vector<double> Keys::numbers(const std::string& key, std::size_t most) {
    return list_of<double>(
        *this, key, find(key, "a list of numbers"), most, "positive numbers",
        [](const json& value) -> std::optional<double> {
            if (!value.is_number() || !std::isfinite(value.get<double>()) || value.get<double>() <= 0)
                return std::nullopt;
            return value.get<double>();
        });
}

void Keys::refuse_others() {
    for (const auto& [key, value] : object_.items()) {
        if (asked_.count(key)) continue;
        const std::vector<std::string> known(asked_.begin(), asked_.end());
        wrong(key, fmt::format("unknown key '{}'; expected {}", key.substr(0, 60), one_of(known, 32)),
              did_you_mean(key, known));
    }
}

}  // namespace moeplan::probe_json
