#pragma once
// Reads the keys of one JSON object, checks type and range, remembers which keys were understood.
// Every problem names its key and line; reading goes on, so that all are found at once.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/base/result.h"

namespace moeplan {

// What the readers of one file share.
struct ConfigFile {
    std::string name;
    std::map<std::string, int> lines;  // of keys, by path
    Problems problems;
    std::vector<std::string> notes;
};

// Larger than any size of any model; beyond it a number is a mistake.
inline constexpr std::int64_t kLargestSize = 100'000'000;
inline constexpr std::int64_t kMostLayers = 4'096;

class ConfigReader {
public:
    ConfigReader(const nlohmann::json& object, std::string path, ConfigFile& file);

    // Present and not null. Does not count as understood.
    bool has(std::string_view key) const;

    // A whole number in [least, most]. Absent or null: empty. Anything else: a problem, and empty.
    std::optional<std::int64_t> size(std::string_view key, std::int64_t least = 1,
                                     std::int64_t most = kLargestSize);
    // The first of several names that is there.
    std::optional<std::int64_t> size_of(const std::vector<std::string_view>& keys, std::int64_t least = 1,
                                        std::int64_t most = kLargestSize);
    // As size_of; when none is there, a problem naming the first, and 0.
    std::int64_t required(const std::vector<std::string_view>& keys, std::int64_t most = kLargestSize);

    std::optional<double> number(std::string_view key);
    std::optional<bool> flag(std::string_view key);
    std::optional<std::string> text(std::string_view key);
    std::optional<std::vector<std::int64_t>> sizes(std::string_view key);  // entries >= 0
    std::optional<std::vector<std::string>> texts(std::string_view key);
    std::optional<ConfigReader> object(std::string_view key);
    std::vector<ConfigReader> objects(std::string_view key);  // empty when absent

    bool is_list(std::string_view key) const;
    void understood(std::string_view key);

    void problem(std::string_view key, std::string what, std::string hint = {});
    void note(std::string text);

    // Keys nobody asked for, with their values.
    std::vector<std::pair<std::string, const nlohmann::json*>> leftover() const;
    std::vector<std::string> keys() const;
    ConfigFile& file() { return *file_; }

private:
    const nlohmann::json* find(std::string_view key);
    std::string path_of(std::string_view key) const;

    const nlohmann::json* object_;
    std::string path_;
    ConfigFile* file_;
    std::shared_ptr<std::set<std::string, std::less<>>> seen_;  // copies of a reader share it
};

}  // namespace moeplan
