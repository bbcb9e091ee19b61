#pragma once
// Keys of one JSON object read with all problems collected. Private to gpu/protocol's .cpp files.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/number_format.h"
#include "core/base/result.h"

namespace moeplan::probe_json {

using nlohmann::json;

// The line as a JSON object. Errors: too long, nested too deep, not JSON, not an object.
Result<json> parse_object(std::string_view line);

// Reads keys of `object`, naming each problem by its key. A value that cannot be read is returned as its default.
class Keys {
public:
    Keys(const json& object, std::string where) : object_(object), where_(std::move(where)) {}

    std::int64_t whole(const std::string& key);
    double number(const std::string& key);
    std::string text(const std::string& key);
    bool flag(const std::string& key);
    NumberFormat format(const std::string& key);
    std::vector<std::int64_t> wholes(const std::string& key, std::size_t most);
    std::vector<double> numbers(const std::string& key, std::size_t most);

    // Whether the key is there (and not null).
    bool has(const std::string& key);
    const json& at(const std::string& key) const { return object_.at(key); }

    void wrong(const std::string& key, std::string what, std::string hint = {});
    // Keys of the object that none of the calls above asked for.
    void refuse_others();

    Problems problems;

private:
    const json* find(const std::string& key, const char* expected);

    const json& object_;
    std::string where_;
    std::set<std::string> asked_;
};

// "a text", "12", "an object": what was found, short enough for a message.
std::string shown(const json& value);
std::string one_line(const json& object);
// The whole number of a JSON value; nothing when it is not one or does not fit.
std::optional<std::int64_t> whole_of(const json& value);

}  // namespace moeplan::probe_json
