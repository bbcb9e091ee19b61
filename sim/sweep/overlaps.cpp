#include "sim/sweep/overlaps.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace moeplan {
namespace {

constexpr std::string_view kEvery = "candidates[*]";

// What an axis of `sweep:` sets.
std::string set_by(const std::string& axis) {
    using Pair = std::pair<std::string_view, std::string_view>;
    constexpr std::array kOfStudy{Pair{"batch", "workload.load"},          Pair{"input", "workload.lengths.input"},
                                  Pair{"output", "workload.lengths.output"}, Pair{"utilisation", "utilisation"},
                                  Pair{"gpu_hour", "price"},                Pair{"skew", "routing"},
                                  Pair{"accuracy", "quality.accuracy"},     Pair{"tokens_per_answer", "quality.tokens_per_answer"}};
    const auto known = std::ranges::find(kOfStudy, std::string_view(axis), &Pair::first);
    return known != kOfStudy.end() ? std::string(known->second) : fmt::format("{}.{}", kEvery, axis);
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

}  // namespace

Problems overlapping_axes(const Grid& grid, const Scenario& base) {
    std::vector<std::string> paths;
    for (const GridAxis& axis : grid.axes) paths.push_back(axis.is_path ? by_place(axis.name, base) : set_by(axis.name));
    Problems problems;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        for (std::size_t j = i + 1; j < paths.size(); ++j) {
            const bool any = paths[i].starts_with(kEvery) || paths[j].starts_with(kEvery);
            const std::string a = any ? of_any(paths[i]) : paths[i], b = any ? of_any(paths[j]) : paths[j];
            if (!within(a, b) && !within(b, a)) continue;
            problems.push_back({"--over", grid.axes[j].name, fmt::format("sets what the axis '{}' sets", grid.axes[i].name), "leave one of them out"});
        }
    }
    return problems;
}

}  // namespace moeplan
