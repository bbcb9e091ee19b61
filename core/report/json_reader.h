#pragma once
// A report read back from `moeplan run --format json`: everything that pictures and tables need.

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/report/report.h"

namespace moeplan {

// Written again, what was read gives the same bytes. What was added to the form later may be missing (ops, roof, expert_load, break_evens,
// apart, distribution, sample, left_out); keys that are not known are passed over. Not in JSON: nothing but the difference
// between a whole number and its double in the study.
// Errors: the first thing that is wrong, with its place in the JSON ("candidates[1].series[0].points[3].low") and what was
// expected: no JSON, nested deeper than 64, longer than 256 MiB, another version, a number beyond double precision or out of
// order (low <= value <= high), a map whose numbers are not layers x ranks.
Result<Report> read_report_json(std::string_view text, const std::string& file);

}  // namespace moeplan
