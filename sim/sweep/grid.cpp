#include "sim/sweep/grid.h"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "core/base/require.h"

namespace moeplan {
namespace {

constexpr const char* kExample = "write PATH=v1,v2, for example --over candidates[0].count=1,2,4 or --over seed=1..20";

Problem wrong(std::string path, std::string what, std::string hint = {}) {
    return {"--over", std::move(path), std::move(what), std::move(hint)};
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// At the commas that stand outside brackets, braces and quotes.
std::vector<std::string_view> split_values(std::string_view text) {
    std::vector<std::string_view> parts;
    int depth = 0;
    char quote = 0;
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '[' || c == '{') {
            ++depth;
        } else if (c == ']' || c == '}') {
            --depth;
        } else if (c == ',' && depth <= 0) {
            parts.push_back(trimmed(text.substr(start, i - start)));
            start = i + 1;
        }
    }
    parts.push_back(trimmed(text.substr(start)));
    return parts;
}

bool read_whole(std::string_view text, std::int64_t& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

// Adds the numbers of "1..20"; false when the text is no range.
bool add_range(std::string_view text, GridAxis& axis, Problems& problems) {
    const auto dots = text.find("..");
    std::int64_t from = 0, to = 0;
    if (dots == std::string_view::npos || !read_whole(text.substr(0, dots), from) ||
        !read_whole(text.substr(dots + 2), to))
        return false;
    if (from > to) {
        problems.push_back(wrong(axis.name, fmt::format("the range {} goes down", text),
                                 fmt::format("write {}..{}", to, from)));
    } else if (static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from) >= kMostAxisValues) {
        problems.push_back(
            wrong(axis.name, fmt::format("the range {} has more than {} values", text, kMostAxisValues)));
    } else {
        const auto count = static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from) + 1;
        for (std::uint64_t i = 0; i < count; ++i)
            axis.values.push_back(std::to_string(from + static_cast<std::int64_t>(i)));
    }
    return true;
}

Problems repeated_values(const GridAxis& axis) {
    std::set<std::string_view> seen;
    for (const std::string& value : axis.values) {
        if (!seen.insert(value).second)
            return {{axis.is_path ? "--over" : "sweep", axis.name, fmt::format("has the value '{}' twice", value), {}}};
    }
    return {};
}

}  // namespace

std::uint64_t Grid::points() const {
    std::uint64_t n = 1;
    for (const GridAxis& axis : axes) n *= axis.values.size();
    return n;
}

std::vector<std::size_t> Grid::at(std::uint64_t point) const {
    require(point < points(), "Grid::at: no such point");
    std::vector<std::size_t> index(axes.size());
    for (std::size_t i = axes.size(); i-- > 0;) {
        index[i] = static_cast<std::size_t>(point % axes[i].values.size());
        point /= axes[i].values.size();
    }
    return index;
}

std::vector<std::string> Grid::values_at(std::uint64_t point) const {
    const auto index = at(point);
    std::vector<std::string> values;
    for (std::size_t i = 0; i < axes.size(); ++i) values.push_back(axes[i].values[index[i]]);
    return values;
}

Result<GridAxis> parse_over(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || trimmed(text.substr(0, equals)).empty())
        return fail(wrong(std::string(text.substr(0, 80)), "is no axis", kExample));
    GridAxis axis{std::string(trimmed(text.substr(0, equals))), {}, true};
    Problems problems;
    if (trimmed(text.substr(equals + 1)).empty()) return fail(wrong(axis.name, "has no values", kExample));
    for (const std::string_view part : split_values(text.substr(equals + 1))) {
        if (part.empty()) problems.push_back(wrong(axis.name, "has an empty value between its commas"));
        else if (!add_range(part, axis, problems)) axis.values.emplace_back(part);
        if (axis.values.size() > kMostAxisValues)
            return fail(wrong(axis.name, fmt::format("has more than {} values", kMostAxisValues)));
        if (problems.size() > 20) break;
    }
    if (!problems.empty()) return fail(std::move(problems));
    return axis;
}

Problems check_grid(const Grid& grid) {
    Problems problems;
    if (grid.axes.empty())
        problems.push_back({{}, {}, "there is nothing to vary: the study has no 'sweep:'",
                            "give an axis with --over, for example --over seed=1..20"});
    std::set<std::string> names;
    std::uint64_t points = 1;
    for (const GridAxis& axis : grid.axes) {
        if (!names.insert(axis.name).second)
            problems.push_back(wrong(axis.name, "is an axis already", "give all its values at once"));
        if (axis.values.empty()) problems.push_back({"sweep", axis.name, "has no values", {}});
        append(problems, repeated_values(axis));
        points = std::min(points * std::max<std::uint64_t>(1, axis.values.size()), kMostPoints + 1);
    }
    if (points > kMostPoints)
        problems.push_back({{}, {}, fmt::format("the grid has more than {} points", kMostPoints),
                            "sweep fewer values, or several studies"});
    return problems;
}

}  // namespace moeplan
