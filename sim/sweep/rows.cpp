#include "sim/sweep/rows.h"

#include <algorithm>

#include "core/base/require.h"
#include "core/report/csv.h"
#include "core/report/format.h"

namespace moeplan {
namespace {

// A row is a line: what is cut off after a crash can then be seen.
std::string on_one_line(std::string text) {
    std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r' || c == '\0'; }, ' ');
    return text;
}

std::string line(std::vector<std::string> fields) {
    for (std::string& field : fields) field = on_one_line(std::move(field));
    return csv_row(fields);
}

void add_axes(const Grid& grid, std::vector<std::string>& columns) {
    for (const GridAxis& axis : grid.axes) columns.push_back(on_one_line(axis.is_path ? axis.name : "sweep." + axis.name));
}

void add_metrics(const CandidateReport& candidate, std::vector<std::string>& fields) {
    for (const Metric& metric : candidate.metrics)
        require(find_metric(metric.id) != nullptr, "result_rows: a metric that is not in the catalog");
    for (const MetricInfo& info : metric_catalog()) {
        const Metric* metric = candidate.find(info.id);
        fields.push_back(metric ? exact_number(metric->value.value) : "");
        fields.push_back(metric ? exact_number(metric->value.low) : "");
        fields.push_back(metric ? exact_number(metric->value.high) : "");
    }
}

}  // namespace

std::vector<std::string> result_columns(const Grid& grid) {
    std::vector<std::string> columns{"point", "rows"};
    add_axes(grid, columns);
    for (const char* name : {"candidate", "model", "gpu", "engine", "precision", "layout"}) columns.push_back(name);
    for (const MetricInfo& metric : metric_catalog()) {
        for (const char* end : {"", "_low", "_high"}) columns.push_back(std::string(metric.id) + end);
    }
    return columns;
}

std::vector<std::string> failure_columns(const Grid& grid) {
    std::vector<std::string> columns{"point"};
    add_axes(grid, columns);
    columns.insert(columns.end(), {"kind", "problem"});
    return columns;
}

std::string result_rows(const Grid& grid, std::uint64_t point, const std::vector<CandidateReport>& candidates) {
    std::string rows;
    const auto values = grid.values_at(point);
    for (const CandidateReport& c : candidates) {
        std::vector<std::string> fields{std::to_string(point), std::to_string(candidates.size())};
        fields.insert(fields.end(), values.begin(), values.end());
        fields.insert(fields.end(), {c.name, c.model, c.gpu, c.engine, c.precision, c.layout});
        add_metrics(c, fields);
        rows += line(std::move(fields));
    }
    return rows;
}

std::string failure_row(const Grid& grid, std::uint64_t point, std::string_view kind, const Problems& problems) {
    std::vector<std::string> fields{std::to_string(point)};
    for (std::string& value : grid.values_at(point)) fields.push_back(std::move(value));
    std::string text;
    for (const Problem& problem : problems) text += (text.empty() ? "" : " | ") + to_text(problem);
    fields.insert(fields.end(), {std::string(kind), std::move(text)});
    return line(std::move(fields));
}

}  // namespace moeplan
