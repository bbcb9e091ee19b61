// Measured requests as rows of CSV.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/base/csv_table.h"
#include "core/base/lower_case.h"
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

// "[0.011, 0.012]", as pandas writes a list. False: something in it is no number.
bool read_gaps(std::string_view cell, double unit, Pieces& pieces) {
    std::vector<float> gaps;
    cell.remove_prefix(1);
    while (!cell.empty() && cell.front() != ']') {
        const std::size_t end = std::min(cell.find_first_of(", ]"), cell.size());
        if (end > 0) {
            const auto gap = parse_number(cell.substr(0, end));
            if (!gap) return false;
            gaps.push_back(static_cast<float>(*gap * unit));
        }
        cell.remove_prefix(end < cell.size() && cell[end] != ']' ? end + 1 : end);
    }
    pieces.gaps = std::move(gaps);
    return true;
}

// One cell; false: it is not what its column holds.
bool read_cell(const Column& column, std::string_view cell, Pieces& pieces) {
    if (is_blank(cell)) return true;
    const Role role = column.key.role;
    const double unit = column.key.unit.value_or(1);
    if (role == Role::error) {
        pieces.failed = pieces.failed || !tells_nothing(cell);
        return true;
    }
    if (role == Role::outcome) {
        pieces.failed = pieces.failed || !is_success(cell);
        return true;
    }
    if (role == Role::success) {
        const std::string word = lower_case(cell);
        const bool bad = tells_nothing(word), known = bad || word == "true" || word == "yes" || parse_number(cell);
        pieces.failed = pieces.failed || (bad && word != "ok" && word != "200");
        return known;
    }
    if (role == Role::gaps && cell.front() == '[') return read_gaps(cell, unit, pieces);
    const auto date = is_time_of_day(role) ? parse_timestamp(cell) : std::nullopt;
    const auto number = date ? std::optional(static_cast<double>(*date) * 1e-9) : parse_number(cell);
    if (number) pieces.set(column.key, *number * (date ? 1 : unit));
    return number || (column.key.weak && !is_time_of_day(role));
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
               key->role == Role::gaps || key->role == Role::first_at;
    }
    if (length && time) return columns;
    std::vector<std::string> shown = table.columns();
    for (std::string& title : shown) title.resize(std::min<std::size_t>(title.size(), 40));
    std::string hint = "input_len, output_len, ttft and latency (seconds, or with _ms) would do";
    for (const std::string& title : shown) {
        const auto near =
            measured_key(title) || title.size() < 4 ? std::nullopt : nearest_name(title, measured_names());
        if (near) hint = fmt::format("'{}' is not known: did you mean '{}'?", title, *near);
    }
    return fail(wrong(name + ":1",
                      fmt::format("no columns for lengths and measured times in the header ({})", one_of(shown)),
                      std::move(hint)));
}

// Titles that speak of times or tokens and are none we know: what they hold is in no figure.
std::vector<std::string> not_understood(const CsvTable& table) {
    std::vector<std::string> notes;
    for (const std::string& title : table.columns()) {
        if (measured_key(title) || title.size() > 40) continue;
        const std::string word = lower_case(title);
        constexpr std::array kTelling{"ttft", "tpot", "itl", "e2e", "latenc", "first_token", "arriv", "prompt_tok", "input_tok", "output_tok"};
        if (std::ranges::none_of(kTelling, [&word](const char* t) { return word.find(t) != std::string::npos; })) continue;
        const auto near = nearest_name(title, measured_names());
        notes.push_back(fmt::format("the column '{}' is not understood and left out{}", title, near ? fmt::format("; did you mean '{}'?", *near) : std::string()));
    }
    return notes;
}

// The clock of a file that tells how long after the one before each request came.
class SinceLast {
public:
    void put_into(Pieces& pieces) {
        if (pieces.arrival) return;
        lost_ = lost_ || (!first_ && !pieces.since_last);   // from there on nobody knows
        first_ = false;
        at_ += pieces.since_last.value_or(0);
        if (!lost_) pieces.arrival = at_;
    }

private:
    double at_ = 0;
    bool first_ = true, lost_ = false;
};

}  // namespace

Result<std::vector<MeasuredRun>> measured_csv(std::istream& stream, const std::string& name) {
    CsvTable table(stream);
    const auto columns = columns_of(table, name);
    if (!columns) return fail(columns.error());
    MeasuredRun run;
    run.notes = not_understood(table);
    Problems problems;
    const bool relative = std::ranges::any_of(*columns, [](const Column& c) { return c.key.role == Role::since_last; });
    SinceLast clock;
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
        if (what.empty() && table.cells() < table.columns().size()) what = fmt::format("{} cells under {} columns", table.cells(), table.columns().size());
        if (what.empty() && !pieces.complete() && !pieces.failed) what = "no length, or no measured time";
        pieces.choose_arrival();
        if (relative) clock.put_into(pieces);
        if (what.empty()) what = add_request(pieces, run);
        if (!what.empty()) problems.push_back(wrong(where, std::move(what)));
    }
    if (problems.empty() && run.requests.empty())
        problems.push_back(wrong(name, "holds no request: there are no rows after the header"));
    if (!problems.empty()) return fail(std::move(problems));
    settle(run);
    return std::vector<MeasuredRun>{std::move(run)};
}

}  // namespace moeplan::trace
