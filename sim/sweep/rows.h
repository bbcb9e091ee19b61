#pragma once
// What is written of a point: rows of CSV in a fixed set of columns, so that parts written by anyone fit together.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/report/report.h"
#include "sim/sweep/grid.h"

namespace moeplan {

// Columns of results, in order: point, rows (how many this point has), one per axis, candidate, model, gpu,
// engine, precision, layout, and METRIC, METRIC_low, METRIC_high for every metric of the catalog.
// An axis of `sweep:` is "sweep.batch", one of --over its path.
std::vector<std::string> result_columns(const Grid& grid);

// Columns of failures: point, one per axis, kind (wrong_input, infeasible, crashed), problem.
std::vector<std::string> failure_columns(const Grid& grid);

// One line per candidate, each ending in CR LF and without a line break inside; a metric the candidate does not have
// is an empty field. Requires: every metric is in metric_catalog().
std::string result_rows(const Grid& grid, std::uint64_t point, const std::vector<CandidateReport>& candidates);

// One line; several problems are joined by " | ".
std::string failure_row(const Grid& grid, std::uint64_t point, std::string_view kind, const Problems& problems);

}  // namespace moeplan
