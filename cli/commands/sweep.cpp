// moeplan sweep STUDY --out DIR: every point of a grid, on all cores, in shards, or as ranks of an MPI job.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/sweep_run.h"
#include "cli/interrupt.h"
#include "cli/session.h"
#include "sim/sweep/compute.h"

namespace moeplan::cli {
namespace {

// A rank other than 0. What is wrong with the input rank 0 tells, unless only this one sees it.
ExitCode run_worker(const Arguments& arguments, const SweepSettings& settings, MpiJob& job) {
    const auto catalog = chosen_catalog(arguments);
    const auto study = read_sweep_study(arguments);
    const Interrupt interrupt;
    std::string hello = study ? study->fingerprint() : to_text(study.error().front());
    if (!catalog) hello = to_text(catalog.error().front());
    const auto compute = [&](std::uint64_t point) { return compute_point(*study, *catalog, point, Interrupt::flag()); };
    const bool told_to_stop = job.work(hello, settings.lost_after, compute, Interrupt::flag());
    if (told_to_stop) job.leave();
    return told_to_stop ? ExitCode::fine : ExitCode::interrupted;
}

ExitCode run_leader(const Arguments& arguments, const SweepSettings& settings, MpiJob* job, bool& lost, Console& console) {
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    const auto study = read_sweep_study(arguments);
    if (!study) return console.report(study.error());
    if (const auto problems = study->unknown_names(*catalog); !problems.empty()) return console.report(problems);
    return run_sweep(*study, *catalog, settings, job, lost, console);
}

ExitCode run_in_job(const Arguments& arguments, const SweepSettings& settings, const Launch& launch, Console& console) {
    const auto job = join_mpi(launch);
    if (!job) return launch.rank == 0 ? console.report(job.error()) : ExitCode::wrong_input;
    if ((*job)->rank() > 0) return run_worker(arguments, settings, **job);
    bool lost = false;
    const ExitCode code = run_leader(arguments, settings, job->get(), lost, console);
    if (lost || code == ExitCode::interrupted) (*job)->end_all(static_cast<int>(code));
    (*job)->dismiss();
    (*job)->leave();
    return code;
}

// What says which points are computed, and how.
constexpr std::array kForPoints{"--out", "--over", "--set", "--shard", "--fresh", "--jobs"};

ExitCode sweep(const Arguments& arguments, Console& console) {
    if (const auto folder = arguments.text("--merge")) {
        const auto also = std::ranges::find_if(kForPoints, [&](const char* option) { return arguments.has(option); });
        if (arguments.words().empty() && also == kForPoints.end()) return merge_sweep(*folder, console);
        return console.report({wrong_at("--merge", fmt::format("only merges what is there, without {}", also == kForPoints.end() ? "a study" : *also))});
    }
    const auto launch = launched();
    const auto settings = read_sweep_settings(arguments);
    const bool speaks = !launch || launch->rank == 0 || arguments.has("--shard");
    if (!settings) return speaks ? console.report(settings.error()) : ExitCode::wrong_input;
    if (launch && !settings->sharded) {
        if (!arguments.has("--jobs")) return run_in_job(arguments, *settings, *launch, console);
        if (!speaks) return ExitCode::wrong_input;
        return console.report({wrong_at("--jobs", fmt::format("{} started {} tasks: each computes one point at a time",
                                                              launch->by, launch->tasks),
                                        "start as many tasks as there are cores, and leave it out")});
    }
    bool lost = false;
    return run_leader(arguments, *settings, nullptr, lost, console);
}

std::vector<Option> sweep_options() {
    return {{.name = "--out",
             .letter = "-o",
             .value = "DIR",
             .doc = "Folder of the results; made when it is not there. The same command goes on where it stopped.",
             .completes = Completes::files},
            {.name = "--over",
             .letter = "",
             .value = "PATH=VALUES",
             .doc = "An axis beside those of the study: any path of --set, or an axis of `sweep:`, with values such as "
                    "1,2,4 or 1..20.",
             .many = true},
            {.name = "--set",
             .letter = "-s",
             .value = "PATH=VALUE",
             .doc = "Change the study before it is read, for all points.",
             .many = true},
            {.name = "--jobs", .letter = "-j", .value = "N", .doc = "Worker processes; one per core unless given."},
            {.name = "--shard",
             .letter = "",
             .value = "I/N",
             .doc = "Compute only every Nth point, from the Ith: for job arrays. Shards share the folder; the last one "
                    "merges."},
            {.name = "--merge",
             .letter = "",
             .value = "DIR",
             .doc = "Only merge what is in a folder: exit code 1 when points are missing.",
             .completes = Completes::files},
            {.name = "--fresh", .letter = "", .value = "", .doc = "Throw the results in the folder away and start over."},
            {.name = "--retry-failed", .letter = "", .value = "", .doc = "Compute points again whose run gave problems."},
            {.name = "--lost-after",
             .letter = "",
             .value = "TIME",
             .doc = "Under MPI: give a rank's work to others when it is silent for so long; 60 s unless given."}};
}

}  // namespace

Command sweep_command() {
    return {.name = "sweep",
            .summary = "Run a study at every point of a grid, on all cores or a cluster, and collect one table.",
            .doc = "The grid is the study's `sweep:`, every value with every other, and the axes of --over. Rows are kept "
                   "as they are found: a run that was stopped or killed goes on with the same command. Under mpirun or "
                   "srun rank 0 hands out points and the other ranks compute.",
            .words = {{.name = "STUDY",
                       .doc = "a study's YAML file, or - for standard input",
                       .at_least = 0,
                       .at_most = 1,
                       .completes = Completes::files}},
            .options = sweep_options(),
            .examples = {"moeplan sweep study.yaml --over seed=1..20 --out results/",
                         "moeplan sweep study.yaml --over candidates[0].count=1,2,4 --shard 3/16 --out results/",
                         "mpirun -n 64 moeplan sweep study.yaml --out results/"},
            .run = sweep};
}

}  // namespace moeplan::cli
