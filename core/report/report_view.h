#pragma once
// A Report arranged the way people read it: metrics as rows and candidates as columns, sweeps as one table
// per axis, sources numbered. The table, Markdown and HTML writers and the desktop program show these; nothing here formats.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/report.h"

namespace moeplan {

// Distinct sources in order of first mention.
class SourceNotes {
public:
    int number_of(const std::string& source);   // 1-based; 0 for an empty source
    const std::vector<std::string>& texts() const { return texts_; }

private:
    std::vector<std::string> texts_;
};

struct MetricRow {
    std::string id;
    std::string label;
    std::string_view unit;
    std::string_view meaning;            // empty for an unknown id
    std::vector<const Metric*> cells;    // one per candidate, null where it has none
    int best = -1;                       // candidate that is better beyond doubt; -1 when none is
    std::optional<double> ratio;         // first over second of exactly two positive numbers
};
struct MetricSection {
    std::string heading;
    std::vector<MetricRow> rows;
};
// Sections in the order of all_metric_groups(); ids outside the catalog come last under "Other".
std::vector<MetricSection> metric_sections(const std::vector<CandidateReport>& candidates);

// What a candidate is, in words: model, hardware, layout, precision, engine.
struct FactRow {
    std::string label;
    std::vector<std::string> cells;
};
std::vector<FactRow> fact_rows(const std::vector<CandidateReport>& candidates);

struct SweepColumn {
    int candidate = 0;
    std::string metric;
    std::vector<std::optional<Estimate>> values;   // one per x
    std::vector<std::optional<Estimate>> apart;    // the same without shared uncertainty
};
struct SweepView {
    std::string axis;
    std::vector<double> xs;            // ascending, all candidates' together
    std::vector<std::string> metrics;  // the objective first when it is swept
    std::vector<SweepColumn> columns;  // metric by metric, candidates in order
    std::vector<int> leader;   // per x: candidate best in `metrics[0]`; -1 when fewer than two have it
    std::vector<bool> certain;         // per x: the leader's interval overlaps no other
    bool leader_changes_at(std::size_t row) const;   // against the last row that had a leader
};
std::vector<SweepView> sweep_views(const Report& report);

// The rows of one phase, or empty.
std::vector<BreakdownRow> breakdown_of(const CandidateReport& candidate, std::string_view phase);
// "decode", then "prefill", then what else there is.
std::vector<std::string> phases_of(const CandidateReport& candidate);
Estimate total_of(const std::vector<BreakdownRow>& rows);

// Everything but what is free ("free", "free for more kv").
double memory_used_gb(const CandidateReport& candidate);
double memory_free_gb(const CandidateReport& candidate);   // of the limit; negative = so much is missing
bool is_free(const MemoryRow& row);

std::string label_of(std::string_view metric_id);   // the catalog's, or the id
std::string_view unit_of(std::string_view metric_id);

}  // namespace moeplan
