#include "sim/sweep/overlaps.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace moeplan {
namespace {

constexpr std::string_view kEvery = "candidates[*]";

// What an axis of `sweep:` sets: of the study, or of every candidate, or of the study and of candidates that have their own.
std::vector<std::string> set_by(const std::string& axis) {
    using Pair = std::pair<std::string_view, std::string_view>;
    constexpr std::array kOfBoth{Pair{"utilisation", "utilisation"}, Pair{"gpu_hour", "price"}, Pair{"skew", "routing"}, Pair{"accuracy", "quality.accuracy"},
                                 Pair{"tokens_per_answer", "quality.tokens_per_answer"}};
    if (axis == "batch") return {"workload.load"};
    if (axis == "input" || axis == "output") return {"workload.lengths." + axis, fmt::format("{}.lengths.{}", kEvery, axis)};
    const auto known = std::ranges::find(kOfBoth, std::string_view(axis), &Pair::first);
    if (known == kOfBoth.end()) return {fmt::format("{}.{}", kEvery, axis)};
    return {std::string(known->second), fmt::format("{}.{}", kEvery, known->second)};
}

// With a candidate's place instead of its name.
std::string by_place(const std::string& path, const Scenario& base) {
    for (std::size_t i = 0; i < base.candidates.size(); ++i) {
        const std::string& name = base.candidates[i].name;
        if (!name.empty() && path.starts_with(name) && (path.size() == name.size() || path[name.size()] == '.'))
            return fmt::format("candidates[{}]{}", i, path.substr(name.size()));
    }
    return path;
}

// "candidates[2].count" as one of any.
std::string of_any(const std::string& path) {
    const auto end = path.find(']');
    return path.starts_with("candidates[") && end != std::string::npos ? std::string(kEvery) + path.substr(end + 1) : path;
}

bool within(const std::string& inner, const std::string& outer) {
    return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '.' || inner[outer.size()] == '[');
}

// Whether two paths name the same thing, or one a part of the other.
bool overlap(const std::string& a, const std::string& b) {
    const bool any = a.starts_with(kEvery) || b.starts_with(kEvery);
    const std::string x = any ? of_any(a) : a, y = any ? of_any(b) : b;
    return within(x, y) || within(y, x);
}

}  // namespace

Problems overlapping_axes(const Grid& grid, const Scenario& base) {
    std::vector<std::vector<std::string>> paths;
    for (const GridAxis& axis : grid.axes) paths.push_back(axis.is_path ? std::vector{by_place(axis.name, base)} : set_by(axis.name));
    Problems problems;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        for (std::size_t j = i + 1; j < paths.size(); ++j) {
            const bool same = std::ranges::any_of(paths[i], [&](const std::string& a) { return std::ranges::any_of(paths[j], [&](const std::string& b) { return overlap(a, b); }); });
            if (!same) continue;
            problems.push_back({"--over", grid.axes[j].name, fmt::format("sets what the axis '{}' sets", grid.axes[i].name), "leave one of them out"});
        }
    }
    return problems;
}

}  // namespace moeplan
