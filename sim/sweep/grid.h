#pragma once
// The grid of a sweep: axes with their values, and points numbered from 0 in the order of nested loops, the first
// axis outermost. Values stay text until a point is made of them.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace moeplan {

constexpr std::uint64_t kMostPoints = 10'000'000;
constexpr std::size_t kMostAxisValues = 1'000'000;

struct GridAxis {
    std::string name;                  // "batch", or a path of --set: "workload.load.poisson.rate"
    std::vector<std::string> values;
    bool is_path = false;              // given by --over
    bool operator==(const GridAxis&) const = default;
};

struct Grid {
    std::vector<GridAxis> axes;

    // The product of the axes' lengths; 1 without axes. At most kMostPoints once check_grid() found nothing.
    std::uint64_t points() const;
    // Which value each axis has at a point. Requires: point < points().
    std::vector<std::size_t> at(std::uint64_t point) const;
    // The same as text.
    std::vector<std::string> values_at(std::uint64_t point) const;
};

// "PATH=v1,v2,v3". A whole-number range "1..20" stands for its numbers, both ends included. Commas inside brackets,
// braces or quotes belong to a value: "workload.load={concurrency: 8},{poisson: {rate: 4/s}}".
// Errors (where = "--over"): no path, no value, an empty value, a range that goes down, too many values.
Result<GridAxis> parse_over(std::string_view text);

// Errors: no axis at all, an axis twice, an axis with the same value twice, more than kMostPoints.
Problems check_grid(const Grid& grid);

}  // namespace moeplan
