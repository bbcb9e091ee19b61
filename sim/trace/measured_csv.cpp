// Measured requests as rows of CSV.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/base/csv_table.h"
#include "core/base/nearest.h"
#include "sim/trace/measured_parts.h"
#include "sim/trace/trace_parts.h"

namespace moeplan::trace {
namespace {

constexpr std::size_t kMostProblems = 20;

struct Column {
    std::string name;
    Key key;
};

// One cell; false: it is not what its column holds.
bool read_cell(const Column& column, std::string_view cell, Pieces& pieces) {
    if (cell.empty()) return true;
    const Role role = column.key.role;
    if (role == Role::error) {
        pieces.failed =
            pieces.failed || (cell != "None" && cell != "null" && cell != "0" && cell != "false" && cell != "False");
        return true;
    }
    if (role == Role::success && (cell == "False" || cell == "false" || cell == "True" || cell == "true")) {
        pieces.failed = pieces.failed || cell.front() == 'F' || cell.front() == 'f';
        return true;
    }
    const auto date = role == Role::arrival ? parse_timestamp(cell) : std::nullopt;
    const auto number = date ? std::optional(static_cast<double>(*date) * 1e-9) : parse_number(cell);
    if (number) pieces.set(role, *number * (date ? 1 : column.key.unit.value_or(1)));
    return number.has_value();
}

Result<std::vector<Column>> columns_of(const CsvTable& table, const std::string& name) {
    std::vector<Column> columns;
    bool length = false, time = false;
    for (const std::string& title : table.columns()) {
        const auto key = measured_key(title);
        if (!key) continue;
        columns.push_back({title, *key});
        length = length || key->role == Role::input || key->role == Role::output;
        time = time || key->role == Role::ttft || key->role == Role::tpot || key->role == Role::e2e ||
               key->role == Role::gaps;
    }
    if (length && time) return columns;
    std::vector<std::string> shown = table.columns();
    for (std::string& title : shown) title.resize(std::min<std::size_t>(title.size(), 40));
    return fail(wrong(name + ":1",
                      fmt::format("no columns for lengths and measured times in the header ({})", one_of(shown)),
                      "input_len, output_len, ttft and latency (seconds, or with _ms) would do"));
}

}  // namespace

Result<std::vector<MeasuredRun>> measured_csv(std::istream& stream, const std::string& name) {
    CsvTable table(stream);
    const auto columns = columns_of(table, name);
    if (!columns) return fail(columns.error());
    MeasuredRun run;
    Problems problems;
    while (table.next() && problems.size() < kMostProblems) {
        const std::string where = fmt::format("{}:{}", name, table.line());
        Pieces pieces;
        std::string what = table.too_long() ? "a line longer than 1 MiB" : "";
        for (const Column& column : *columns) {
            const std::string_view cell = table.cell(column.name);
            if (what.empty() && !read_cell(column, cell, pieces)) {
                what = fmt::format("{} '{}'; a number is expected", column.name, cell.substr(0, 40));
            }
        }
        if (what.empty() && !pieces.complete()) what = "no length, or no measured time";
        MeasuredRequest request;
        if (what.empty()) what = pieces.finish(request);
        if (what.empty() && run.requests.size() == kMostMeasured)
            return fail(wrong(name, "more than 10 million requests"));
        if (what.empty()) run.requests.push_back(request);
        else problems.push_back(wrong(where, std::move(what)));
    }
    if (problems.empty() && run.requests.empty())
        problems.push_back(wrong(name, "holds no request: there are no rows after the header"));
    if (!problems.empty()) return fail(std::move(problems));
    settle(run);
    return std::vector<MeasuredRun>{std::move(run)};
}

}  // namespace moeplan::trace
