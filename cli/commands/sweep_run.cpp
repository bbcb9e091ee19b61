#include "cli/commands/sweep_run.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "cli/commands/sweep_processes.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "core/report/format.h"
#include "sim/sweep/compute.h"
#include "sim/sweep/conduct.h"
#include "sim/sweep/manifest.h"

namespace moeplan::cli {
namespace {

std::string number(std::uint64_t n) { return format_count(static_cast<double>(n)); }

std::string points(std::uint64_t n) { return n == 1 ? "1 point" : number(n) + " points"; }

std::string inside(const std::string& folder, const char* file) { return (std::filesystem::path(folder) / file).string(); }

std::vector<std::uint64_t> still_to_do(const FolderState& state, const SweepSettings& settings) {
    std::vector<std::uint64_t> todo;
    for (std::uint64_t point = 0; point < state.points.size(); ++point) {
        const PointState at = state.points[static_cast<std::size_t>(point)];
        const bool done = at == PointState::answered || (at == PointState::failed && !settings.retry_failed);
        if (!done && settings.shard.holds(point)) todo.push_back(point);
    }
    return todo;
}

Result<Parts> open_parts(const Grid& grid, const SweepSettings& settings) {
    const auto open = [&](PartKind kind) {
        return PartFile::open(part_path(settings.folder, settings.shard, kind), form_of(grid, kind));
    };
    auto results = open(PartKind::results);
    if (!results) return tl::unexpected(results.error());
    auto failures = open(PartKind::failures);
    if (!failures) return tl::unexpected(failures.error());
    return Parts{std::move(*results), std::move(*failures)};
}

Result<SweepTally> compute(const SweepStudy& study, const Catalog& catalog, const SweepSettings& settings,
                           std::vector<std::uint64_t> todo, Parts& parts, MpiJob* job, const Console& console) {
    const auto one = [&](std::uint64_t point) { return compute_point(study, catalog, point, nullptr); };
    const auto team = job ? job->lead(study.fingerprint(), settings.lost_after)
                          : start_processes(std::min(settings.jobs, todo.size()), one);
    Progress progress(console);
    RunControl control{{}, Interrupt::flag()};
    const std::string of = " of " + points(todo.size());
    const auto count = static_cast<double>(todo.size());
    if (const auto show = progress.control().progress) {
        control.progress = [&progress, show, of, count](double share) {
            progress.say(format_count(std::round(share * count)) + of);
            show(share);
        };
    }
    return conduct(*team, study.grid(), std::move(todo), parts, control);
}

ExitCode stopped(const SweepTally& tally, const SweepSettings& settings, Console& console) {
    console.note(fmt::format("stopped; {} of {} still to do are in {}: the same command goes on", points(tally.done()),
                             number(tally.todo), settings.folder));
    return ExitCode::interrupted;
}

// A grid has points that make no sense, and they are told; a grid of nothing else is an error.
ExitCode code_of(const Merged& merged) {
    if (merged.crashed > 0) return ExitCode::internal;
    if (merged.fitting > 0 || merged.answered + merged.failed == 0) return ExitCode::fine;
    return merged.infeasible == merged.failed ? ExitCode::infeasible : ExitCode::wrong_input;
}

ExitCode tell(const Merged& merged, const std::string& folder, Console& console) {
    if (merged.failed > 0)
        console.note(fmt::format("{} failed: {} says why", points(merged.failed), inside(folder, "failed.csv")));
    if (merged.crashed > 0)
        console.note(fmt::format("{} crashed: {} says how; the same command tries them again", points(merged.crashed),
                                 inside(folder, "failed.csv")));
    console.print(fmt::format("{}: {} of {}\n", inside(folder, "results.csv"),
                              merged.rows == 1 ? "1 row" : number(merged.rows) + " rows", points(merged.answered)));
    return code_of(merged);
}

ExitCode finish(const Grid& grid, const SweepSettings& settings, Console& console) {
    if (settings.shard.of > 1) {
        const auto state = read_folder(settings.folder, grid);
        if (!state) return console.report(state.error());
        if (const auto open = state->count(PointState::open); open > 0) {
            console.print(fmt::format("shard {}/{} is done; {} of the other shards are not\n", settings.shard.index,
                                      settings.shard.of, points(open)));
            return ExitCode::fine;
        }
    }
    const auto merged = merge_folder(settings.folder, grid);
    return merged ? tell(*merged, settings.folder, console) : console.report(merged.error());
}

}  // namespace

ExitCode run_sweep(const SweepStudy& study, const Catalog& catalog, const SweepSettings& settings, MpiJob* job,
                   bool& lost, Console& console) {
    const Grid& grid = study.grid();
    Problems problems;
    if (settings.fresh) problems = empty_folder(settings.folder);
    if (problems.empty()) problems = claim_folder(settings.folder, manifest_of(study));
    if (!problems.empty()) return console.report(problems);
    auto parts = open_parts(grid, settings);
    if (!parts) return console.report(parts.error());
    const auto state = read_folder(settings.folder, grid);
    if (!state) return console.report(state.error());
    auto todo = still_to_do(*state, settings);
    if (const auto done = state->count(PointState::answered) + state->count(PointState::failed); done > 0)
        console.note(fmt::format("{} of {} are done already", number(done), points(grid.points())));
    if (!todo.empty()) {
        const Interrupt interrupt;
        const auto tally = compute(study, catalog, settings, std::move(todo), *parts, job, console);
        lost = !tally || tally->lost > 0;
        if (!tally) return console.report(tally.error());
        if (tally->stopped) return stopped(*tally, settings, console);
        if (job) job->dismiss();   // merging may take longer than they would wait
        if (lost)
            console.note(fmt::format("{} ended early; what they had to do was done by others",
                                     tally->lost == 1 ? "1 worker" : number(tally->lost) + " workers"));
    }
    return finish(grid, settings, console);
}

ExitCode merge_sweep(const std::string& folder, Console& console) {
    const auto manifest = read_manifest(folder);
    if (!manifest) return console.report(manifest.error());
    const auto merged = merge_folder(folder, manifest->grid);
    if (!merged) return console.report(merged.error());
    const ExitCode code = tell(*merged, folder, console);
    if (merged->missing() == 0) return code;
    console.note(fmt::format("{} of {} are not computed yet", number(merged->missing()), points(merged->points)));
    return worse(code, ExitCode::expectation_failed);
}

}  // namespace moeplan::cli
