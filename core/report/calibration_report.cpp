#include "core/report/calibration_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/report/calibration_text.h"
#include "core/report/validation_text.h"

namespace moeplan {
namespace {

constexpr std::size_t kNameColumns = 2;

std::string count(std::uint64_t n) { return format_count(static_cast<double>(n)); }

void add_error(std::vector<std::string>& row, const std::optional<ErrorStats>& error) {
    if (error) row.insert(row.end(), {percent(error->median_ape), percent(error->p90_ape), percent(error->coverage90)});
    else row.insert(row.end(), {"–", "–", "–"});
}

bool any_here(const CalibrationReport& report) {
    return std::ranges::any_of(report.families, [](const CalibrationFamily& f) { return f.here.has_value(); });
}

template <class Value>
std::uint64_t total(const CalibrationReport& report, Value CalibrationFamily::* field) {
    std::uint64_t sum = 0;
    for (const CalibrationFamily& f : report.families) sum += f.*field;
    return sum;
}

CalibrationGrid measured_grid(const CalibrationReport& report) {
    CalibrationGrid grid{
        "Measured", {"family", "format", "probes", "failed", "noise", "wide", "few", "throttled", "time"}, {}, {}};
    for (const CalibrationFamily& f : report.families) {
        grid.rows.push_back({f.family, f.format, count(f.measured), count(f.failed), f.noise ? percent(*f.noise) : "–",
                             count(f.wide), count(f.few_samples), count(f.throttled), format_value(f.seconds, "s")});
    }
    grid.legend =
        "noise: half the width of the median's 95 % interval over the median, median of the probes; wide: probes where "
        "it is above 5 %; few: probes with too few samples (below 6) to tell.";
    return grid;
}

CalibrationGrid error_grid(const CalibrationReport& report) {
    const bool here = any_here(report);
    CalibrationGrid grid{
        "Errors of the fit", {"family", "format", "fitted", "held out", "median", "p90", "in 90 %"}, {}, {}};
    if (here) grid.heads.insert(grid.heads.end(), {"here: median", "p90", "in 90 %"});
    for (const CalibrationFamily& f : report.families) {
        std::vector<std::string> row{f.family, f.format, f.fitted ? count(f.n_fit) : "no",
                                     f.fitted ? count(f.n_held_out) : "–"};
        add_error(row, f.held_out);
        if (here) add_error(row, f.here);
        grid.rows.push_back(std::move(row));
    }
    grid.legend =
        "Relative errors, and the share of measurements inside the 90 % interval, over a fifth of the "
        "measurements that no fit has seen.";
    if (here)
        grid.legend += " here: over this journal's probes; where the profile was fitted to them, that is no test.";
    return grid;
}

}  // namespace

void score_points(CalibrationReport& report) {
    for (CalibrationFamily& family : report.families) {
        std::vector<Compared> rows;
        for (const CalibrationPoint& p : family.points) {
            if (p.predicted) rows.push_back({p.measured, p.predicted->value, p.predicted->low, p.predicted->high});
        }
        family.here = error_stats(rows);
    }
}

std::vector<CalibrationGrid> calibration_grids(const CalibrationReport& report) {
    std::vector<CalibrationGrid> grids;
    if (report.families.empty()) return grids;
    if (report.has_journal) grids.push_back(measured_grid(report));
    if (report.has_profile) grids.push_back(error_grid(report));
    return grids;
}

std::string calibration_summary_line(const CalibrationReport& report) {
    std::string line;
    if (report.has_journal) {
        const auto measured = total(report, &CalibrationFamily::measured);
        line = fmt::format("{} probe{} measured in {}", count(measured), measured == 1 ? "" : "s",
                           format_value(report.seconds, "s"));
        if (const auto failed = total(report, &CalibrationFamily::failed); failed > 0)
            line += fmt::format("; {} without an answer", count(failed));
        const auto throttled = total(report, &CalibrationFamily::throttled);
        line += throttled > 0 ? fmt::format("; the device lowered its clock during {}", count(throttled))
                              : "; the device never said it lowered its clock";
    }
    if (report.has_profile) {
        const auto fitted =
            static_cast<std::uint64_t>(std::ranges::count_if(report.families, &CalibrationFamily::fitted));
        line += fmt::format("{}{} of {} families and formats fitted", line.empty() ? "" : "; ", fitted,
                            report.families.size());
    }
    return line;
}

std::string write_calibration_table(const CalibrationReport& report, const TableStyle& style) {
    const Pen pen(style);
    std::string out;
    add_heading(out, pen.safe(report.title), "", pen);
    out.erase(0, 1);
    add_hanging(out, "", 0, pen.safe(calibration_summary_line(report)), Ink::plain, pen);
    int width = 0;
    for (const CalibrationFact& fact : report.facts) width = std::max(width, display_width(fact.name));
    for (const CalibrationFact& fact : report.facts)
        add_hanging(out, padded(pen.safe(fact.name), width), width, pen.safe(fact.value), Ink::plain, pen);
    for (const CalibrationGrid& grid : calibration_grids(report)) {
        add_heading(out, grid.title, "", pen);
        add_table(out, grid.heads, grid.rows, kNameColumns, pen);
        add_hanging(out, "", 0, pen.safe(grid.legend), Ink::dim, pen);
    }
    if (!report.failures.empty()) add_heading(out, "Attempts that failed", "", pen);
    for (const SkippedRows& f : report.failures)
        add_hanging(out, padded(count(f.n), 8, Align::right), 8, pen.safe(f.reason), Ink::plain, pen);
    for (const CalibrationFact& f : report.failed_probes)
        add_hanging(out, "", 8, pen.safe(fmt::format("{}: {}", f.name, f.value)), Ink::dim, pen);
    if (!report.notes.empty()) add_heading(out, "Notes", "", pen);
    for (const std::string& note : report.notes) add_hanging(out, "", 0, pen.safe(note), Ink::plain, pen);
    return out;
}

std::string write_calibration_markdown(const CalibrationReport& report) {
    std::string out =
        fmt::format("# {}\n\n{}\n\n", escape_markdown(report.title), escape_markdown(calibration_summary_line(report)));
    for (const CalibrationFact& fact : report.facts)
        out += fmt::format("* {}: {}\n", escape_markdown(fact.name), escape_markdown(fact.value));
    for (const CalibrationGrid& grid : calibration_grids(report)) {
        out += fmt::format("\n## {}\n\n", grid.title);
        add_markdown(out, grid.heads, grid.rows, kNameColumns);
        out += fmt::format("\n{}\n", escape_markdown(grid.legend));
    }
    if (!report.failures.empty()) out += "\n## Attempts that failed\n\n";
    for (const SkippedRows& f : report.failures) out += fmt::format("* {}: {}\n", f.n, escape_markdown(f.reason));
    if (!report.failed_probes.empty()) out += '\n';
    for (const CalibrationFact& f : report.failed_probes)
        out += fmt::format("* {}: {}\n", escape_markdown(f.name), escape_markdown(f.value));
    if (!report.notes.empty()) out += "\n## Notes\n\n";
    for (const std::string& note : report.notes) out += fmt::format("* {}\n", escape_markdown(note));
    return out;
}

}  // namespace moeplan
