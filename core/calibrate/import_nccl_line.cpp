#include "core/calibrate/import_nccl_line.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace moeplan {

std::vector<std::string_view> words_of(std::string_view line) {
    constexpr std::string_view kSpace = " \t\r";
    std::vector<std::string_view> words;
    for (auto begin = line.find_first_not_of(kSpace); begin != std::string_view::npos;
         begin = line.find_first_not_of(kSpace, begin)) {
        const auto end = std::min(line.find_first_of(kSpace, begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        begin = end;
    }
    return words;
}

std::string_view without_rank_prefix(std::string_view line) {
    constexpr std::string_view kTag = "<stdout>:";
    if (line.starts_with('[')) {
        if (const auto at = line.find(kTag); at < 16) line.remove_prefix(at + kTag.size());
    }
    return line;
}

bool begins_with_number(std::string_view line) {
    const auto words = words_of(line.substr(0, 64));
    return !words.empty() && words.front().find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<double> real(std::string_view word, double least, double most) {
    double value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (word.empty() || error != std::errc{} || end != word.data() + word.size() || !(value >= least && value <= most))
        return std::nullopt;
    return value;
}

std::optional<double> whole(std::string_view word, double least, double most) {
    const auto value = real(word, least, most);
    return value && *value == std::floor(*value) ? value : std::nullopt;
}

std::string library_version(std::string_view code) {
    const auto digits = code.substr(0, code.find_first_not_of("0123456789"));
    const auto number = whole(digits, 2000, 999999);
    if (!number) return "";
    const int n = static_cast<int>(*number);
    // From 2.9 on: two digits for the minor version.
    return n >= 10000 ? fmt::format("{}.{}.{}", n / 10000, n / 100 % 100, n % 100)
                      : fmt::format("{}.{}.{}", n / 1000, n / 100 % 10, n % 100);
}

std::optional<NcclRank> rank_of(std::string_view line) {
    const auto words = words_of(line);
    if (words.size() < 4 || words[0] != "#" || words[1] != "Rank") return std::nullopt;
    NcclRank rank{std::string(words[2]), "0", "", ""};
    for (std::size_t i = 3; i + 1 < words.size(); ++i) {
        if (words[i] == "Group") rank.group = words[i + 1];
        if (words[i] == "on") rank.host = words[i + 1];
        if (words[i] != "device") continue;
        // "device  0 [0x0f] NVIDIA …": the rest is the name.
        std::size_t name = i + 2;
        if (name < words.size() && words[name].starts_with('[')) ++name;
        if (name < words.size()) rank.device = line.substr(static_cast<std::size_t>(words[name].data() - line.data()));
        break;
    }
    while (!rank.device.empty() && (rank.device.back() == ' ' || rank.device.back() == '\r')) rank.device.pop_back();
    return rank;
}

std::optional<NcclColumns> columns_of(std::string_view line) {
    auto words = words_of(line);
    if (words.size() < 7 || words[0] != "#" || words[1] != "size" || words[2] != "count") return std::nullopt;
    words.erase(words.begin());
    NcclColumns columns;
    columns.count = words.size();
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "redop") columns.redop = i;
        if (words[i] == "root") columns.root = i;
        if ((words[i] == "#wrong" || words[i] == "error") && !columns.placements.empty())
            columns.placements.back().wrong = i;
        if ((words[i] == "time" || words[i] == "cputime") && i + 2 < words.size()) {
            columns.cpu_time = columns.cpu_time || words[i] == "cputime";
            columns.placements.push_back({i, {}, !columns.placements.empty()});
        }
    }
    return columns.placements.empty() ? std::nullopt : std::optional(columns);
}

std::optional<NcclColumns::Fit> NcclColumns::fit(std::size_t words) const {
    Fit fit{redop, placements};
    if (words == count) return fit;
    const std::size_t optional = (redop ? 1u : 0u) + (root ? 1u : 0u);
    const std::size_t missing = count > words ? count - words : 0;
    // Only redop (then root is there), or both.
    if (missing == 0 || missing > optional || !redop) return std::nullopt;
    fit.redop.reset();
    for (Placement& placement : fit.placements) {
        placement.time -= missing;
        if (placement.wrong) *placement.wrong -= missing;
    }
    return fit;
}

}  // namespace moeplan
