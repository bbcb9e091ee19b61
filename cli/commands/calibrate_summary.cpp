#include "cli/commands/calibrate_summary.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/columns.h"
#include "core/report/format.h"

namespace moeplan::cli {
namespace {

const FamilyProfile* family_of_group(const FitReport& fitted, const GroupStatistics& group) {
    for (const FamilyProfile& family : fitted.profile.families) {
        if (family.family == group.family && family.format == group.format) return &family;
    }
    return nullptr;
}

std::string share(double value) { return format_value(value, "fraction"); }

std::vector<std::string> row(const GroupStatistics& group, const FamilyProfile* family) {
    std::vector<std::string> cells{std::string(name_of(group.family)),
                                   group.format,
                                   std::to_string(group.measured),
                                   std::to_string(group.failed),
                                   group.median_spread > 0 ? "± " + share(group.median_spread) : "",
                                   std::to_string(group.uncertain),
                                   std::to_string(group.few_samples)};
    if (!family) cells.insert(cells.end(), {"not fitted", "", ""});
    else if (!family->error) cells.insert(cells.end(), {"too few", "", ""});
    else
        cells.insert(cells.end(), {share(family->error->median_ape), share(family->error->p90_ape),
                                   share(family->error->coverage90)});
    return cells;
}

std::string failures(const CalibrationStatistics& statistics) {
    std::string text;
    for (const auto& [kind, count] : statistics.failures)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name_of(kind));
    return text;
}

std::int64_t throttled(const CalibrationStatistics& statistics) {
    std::int64_t count = 0;
    for (const GroupStatistics& group : statistics.groups) count += group.throttled;
    return count;
}

}  // namespace

std::string calibration_summary(const Calibration& run, const FitReport& fitted, const Console& console) {
    Columns table({Align::left, Align::left, Align::right, Align::right, Align::right, Align::right, Align::right,
                   Align::right, Align::right, Align::right});
    table.heading({"family", "format", "measured", "failed", "noise", "wide", "few", "median error", "p90", "in 90 %"});
    for (const GroupStatistics& group : run.statistics.groups) table.add(row(group, family_of_group(fitted, group)));
    std::string text = title(shown(run.header.hello.device, console),
                             fmt::format("{} measurements; {}", run.set.rows.size(), name_of(run.stop)), console);
    text += table.text(console);
    if (const std::string reasons = failures(run.statistics); !reasons.empty())
        text += paragraph("attempts that failed: " + reasons, 2, console);
    if (const auto count = throttled(run.statistics); count > 0)
        text += paragraph(fmt::format("the device lowered its clock during {} probes", count), 2, console);
    for (const std::string& left_out : fitted.left_out) text += paragraph("not fitted: " + left_out, 2, console);
    text += paragraph("wide: probes whose median is not known to 5 %; few: probes with too few samples to tell.", 2, console);
    text += paragraph("Errors are of a fifth of the measurements that no fit has seen.", 2, console);
    return text;
}

}  // namespace moeplan::cli
