#pragma once
// A folder of results: which files are in it, which points are done, and all parts made one.
//
//   manifest.json              what the folder belongs to
//   part-2of4.csv              rows of one shard, in the order they were found
//   part-2of4.failed.csv       points of that shard whose run gave problems
//   results.csv, failed.csv    all parts in the order of the grid

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "sim/sweep/manifest.h"
#include "sim/sweep/part_file.h"

namespace moeplan {

struct Shard {
    std::uint64_t index = 1, of = 1;   // 1-based; holds the points with point % of == index - 1
    bool holds(std::uint64_t point) const { return point % of == index - 1; }
    bool operator==(const Shard&) const = default;
};

// "2/4". Errors (where = "--shard"): anything else, an index outside 1..n, n above a million.
Result<Shard> parse_shard(std::string_view text);

std::string part_path(const std::string& folder, const Shard& shard, PartKind kind);
PartForm form_of(const Grid& grid, PartKind kind);

// What a point's run was found to be. `crashed` is no answer: such points are computed again by the next run.
enum class PointState : std::uint8_t { open, answered, failed, crashed };

struct FolderState {
    std::vector<PointState> points;
    std::uint64_t count(PointState state) const;
    // Points nobody has an answer of: open and crashed.
    std::uint64_t missing() const { return count(PointState::open) + count(PointState::crashed); }
};

// Reads every part. Errors: a part that cannot be read or has other columns.
Result<FolderState> read_folder(const std::string& folder, const Grid& grid);

struct Merged {
    std::uint64_t points = 0, answered = 0, failed = 0, crashed = 0, rows = 0;
    std::uint64_t fitting = 0;      // rows whose candidate fits
    std::uint64_t infeasible = 0;   // of those that failed
    std::uint64_t missing() const { return points - answered - failed - crashed; }
};

// Writes results.csv (columns that no row fills left out, and `rows`) and, if there is anything to tell, failed.csv;
// each replaces the old one as a whole. The same points give the same bytes, whoever computed them in which parts.
Result<Merged> merge_folder(const std::string& folder, const Grid& grid);

// The name of a file in it that is called as above; empty when there is none.
std::string result_in(const std::string& folder);

// Removes the files named above and nothing else. Errors: there are some and no manifest of a sweep among them; someone is
// writing a part; a file cannot be removed.
Problems empty_folder(const std::string& folder);

}  // namespace moeplan
