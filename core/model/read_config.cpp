#include "core/model/read_config.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/nearest.h"

namespace moeplan {
namespace {

using nlohmann::json;

const json kNothing = json::array();

// What was found, short enough for a message.
std::string shown(const json& value) {
    if (value.is_object()) return "an object";
    if (value.is_array()) return fmt::format("a list of {}", value.size());
    std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
    if (text.size() > 40) text = text.substr(0, 37) + "...";
    return value.is_string() ? "the text " + text : text;
}

std::optional<std::int64_t> whole(const json& value) {
    if (value.is_number_unsigned()) {
        const auto n = value.get<std::uint64_t>();
        return n <= static_cast<std::uint64_t>(INT64_MAX) ? std::optional<std::int64_t>(n) : INT64_MAX;
    }
    if (value.is_number_integer()) return value.get<std::int64_t>();
    if (!value.is_number_float()) return std::nullopt;
    const double d = value.get<double>();
    if (d != std::floor(d)) return std::nullopt;
    if (std::abs(d) >= 9e18) return d > 0 ? INT64_MAX : INT64_MIN;
    return static_cast<std::int64_t>(d);
}

}  // namespace

ConfigReader::ConfigReader(const json& object, std::string path, ConfigFile& file)
    : object_(&object),
      path_(std::move(path)),
      file_(&file),
      seen_(std::make_shared<std::set<std::string, std::less<>>>()) {}

std::string ConfigReader::path_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const json* ConfigReader::find(std::string_view key) {
    seen_->insert(std::string(key));
    const auto it = object_->find(std::string(key));
    return it == object_->end() || it->is_null() ? nullptr : &*it;
}

bool ConfigReader::has(std::string_view key) const {
    const auto it = object_->find(std::string(key));
    return it != object_->end() && !it->is_null();
}

bool ConfigReader::is_list(std::string_view key) const {
    const auto it = object_->find(std::string(key));
    return it != object_->end() && it->is_array();
}

void ConfigReader::understood(std::string_view key) { seen_->insert(std::string(key)); }

void ConfigReader::problem(std::string_view key, std::string what, std::string hint) {
    const std::string path = path_of(key);
    for (const auto& p : file_->problems) {
        if (p.path == path) return;  // one message per key, however often it is asked for
    }
    std::string where = file_->name;
    if (const auto it = file_->lines.find(path); it != file_->lines.end())
        where += ":" + std::to_string(it->second);
    file_->problems.push_back({where, path, std::move(what), std::move(hint)});
}

void ConfigReader::note(std::string text) { file_->notes.push_back(std::move(text)); }

std::optional<std::int64_t> ConfigReader::size(std::string_view key, std::int64_t least, std::int64_t most) {
    const json* value = find(key);
    if (!value) return std::nullopt;
    const auto n = whole(*value);
    if (n && *n >= least && *n <= most) return n;
    problem(key, fmt::format("found {}, expected a whole number from {} to {}", shown(*value), least, most));
    return std::nullopt;
}

std::optional<std::int64_t> ConfigReader::size_of(const std::vector<std::string_view>& keys,
                                                  std::int64_t least, std::int64_t most) {
    for (const auto key : keys) {
        if (has(key)) return size(key, least, most);
    }
    return std::nullopt;
}

std::int64_t ConfigReader::required(const std::vector<std::string_view>& keys, std::int64_t most) {
    for (const auto key : keys) {
        if (has(key)) return size(key, 1, most).value_or(0);
    }
    const std::string_view first = keys.front();
    problem(first,
            object_->contains(std::string(first)) ? "is null, expected a whole number"
                                                  : "is missing, expected a whole number",
            did_you_mean(first, this->keys()));
    return 0;
}

std::optional<double> ConfigReader::number(std::string_view key) {
    const json* value = find(key);
    if (!value) return std::nullopt;
    if (value->is_number()) return value->get<double>();
    problem(key, fmt::format("found {}, expected a number", shown(*value)));
    return std::nullopt;
}

std::optional<bool> ConfigReader::flag(std::string_view key) {
    const json* value = find(key);
    if (!value) return std::nullopt;
    if (value->is_boolean()) return value->get<bool>();
    problem(key, fmt::format("found {}, expected true or false", shown(*value)));
    return std::nullopt;
}

std::optional<std::string> ConfigReader::text(std::string_view key) {
    const json* value = find(key);
    if (!value) return std::nullopt;
    if (value->is_string()) return value->get<std::string>();
    problem(key, fmt::format("found {}, expected a text", shown(*value)));
    return std::nullopt;
}

std::optional<std::vector<std::int64_t>> ConfigReader::sizes(std::string_view key) {
    const json* value = find(key);
    if (!value) return std::nullopt;
    std::vector<std::int64_t> out;
    bool right = value->is_array();
    for (const auto& entry : right ? *value : kNothing) {
        const auto n = whole(entry);
        right = right && n && *n >= 0 && *n <= kLargestSize;
        out.push_back(n.value_or(0));
    }
    if (right) return out;
    problem(key, fmt::format("found {}, expected a list of whole numbers from 0 to {}", shown(*value),
                             kLargestSize));
    return std::nullopt;
}

std::optional<std::vector<std::string>> ConfigReader::texts(std::string_view key) {
    const json* value = find(key);
    if (!value) return std::nullopt;
    std::vector<std::string> out;
    bool right = value->is_array();
    for (const auto& entry : right ? *value : kNothing) {
        right = right && entry.is_string();
        if (entry.is_string()) out.push_back(entry.get<std::string>());
    }
    if (right) return out;
    problem(key, fmt::format("found {}, expected a list of texts", shown(*value)));
    return std::nullopt;
}

std::optional<ConfigReader> ConfigReader::object(std::string_view key) {
    const json* value = find(key);
    if (!value) return std::nullopt;
    if (value->is_object()) return ConfigReader(*value, path_of(key), *file_);
    problem(key, fmt::format("found {}, expected an object", shown(*value)));
    return std::nullopt;
}

std::vector<ConfigReader> ConfigReader::objects(std::string_view key) {
    const json* value = find(key);
    std::vector<ConfigReader> out;
    if (!value) return out;
    bool right = value->is_array();
    for (const auto& entry : right ? *value : kNothing) {
        right = right && entry.is_object();
        if (entry.is_object())
            out.emplace_back(entry, fmt::format("{}[{}]", path_of(key), out.size()), *file_);
    }
    if (!right) problem(key, fmt::format("found {}, expected a list of objects", shown(*value)));
    return out;
}

std::vector<std::pair<std::string, const json*>> ConfigReader::leftover() const {
    std::vector<std::pair<std::string, const json*>> out;
    for (const auto& [key, value] : object_->items()) {
        if (!seen_->contains(key)) out.emplace_back(key, &value);
    }
    return out;
}

std::vector<std::string> ConfigReader::keys() const {
    std::vector<std::string> out;
    for (const auto& [key, value] : object_->items()) out.push_back(key);
    return out;
}

}  // namespace moeplan
