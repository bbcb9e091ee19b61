#include "sim/sweep/compute.h"

#include <algorithm>
#include <exception>

#include "sim/run.h"
#include "sim/sweep/rows.h"

namespace moeplan {
namespace {

std::string failed(const Grid& grid, std::uint64_t point, std::string_view kind, const Problems& problems) {
    return (kind == "crashed" ? "c" : "f") + failure_row(grid, point, kind, problems);
}

std::string failed(const Grid& grid, std::uint64_t point, const Problems& problems) {
    const bool infeasible = std::ranges::all_of(problems, [](const Problem& p) { return p.kind == ProblemKind::infeasible; });
    return failed(grid, point, infeasible ? "infeasible" : "wrong_input", problems);
}

std::string answer_of(const SweepStudy& study, const Catalog& catalog, std::uint64_t point, RunControl& control) {
    auto scenario = study.at(point);
    if (!scenario) return failed(study.grid(), point, scenario.error());
    auto report = run(*scenario, catalog, control);
    if (control.cancelled()) return {};
    if (!report) return failed(study.grid(), point, report.error());
    if (report->candidates.empty())
        return failed(study.grid(), point, {{{}, {}, "the run tells of no candidate", {}, ProblemKind::infeasible}});
    return "r" + result_rows(study.grid(), point, report->candidates);
}

}  // namespace

std::optional<Answer> parse_answer(std::string_view text) {
    if (text.size() < 3 || !text.ends_with("\r\n")) return std::nullopt;
    switch (text.front()) {
        case 'r': return Answer{PointState::answered, text.substr(1)};
        case 'f': return Answer{PointState::failed, text.substr(1)};
        case 'c': return Answer{PointState::crashed, text.substr(1)};
        default: return std::nullopt;
    }
}

std::string crash_answer(const Grid& grid, std::uint64_t point, const std::string& why) {
    return failed(grid, point, "crashed", {{{}, {}, why, {}}});
}

std::string compute_point(const SweepStudy& study, const Catalog& catalog, std::uint64_t point,
                          const std::atomic<bool>* cancel) {
    RunControl control;
    control.cancel = cancel;
    try {
        return answer_of(study, catalog, point, control);
    } catch (const std::exception& mistake) {
        return crash_answer(study.grid(), point, std::string("the program made a mistake: ") + mistake.what());
    }
}

}  // namespace moeplan
