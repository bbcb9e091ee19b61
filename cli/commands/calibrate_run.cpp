// moeplan calibrate run: measures with one worker or several, keeps a journal each, fits a profile each.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "cli/commands/calibrate.h"
#include "cli/commands/calibrate_places.h"
#include "cli/commands/calibrate_summary.h"
#include "cli/commands/calibrate_tables.h"
#include "cli/commands/commands.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "core/base/units_text.h"
#include "core/report/format.h"
#include "gpu/calibrator/usual_run.h"
#include "sim/study_ops.h"

namespace moeplan::cli {
namespace {

// "5m" as people say it, beside "300 s" and "2 h".
std::optional<double> read_budget(const std::string& text, Problems& problems) {
    auto seconds = parse_seconds(text);
    if (!seconds && text.ends_with('m')) seconds = parse_seconds(text + "in");
    if (seconds && seconds->value >= 1 && seconds->value <= 30 * 86400.0) return seconds->value;
    problems.push_back(
        wrong_at("--budget", fmt::format("expected a time from 1 s to 30 d, such as 5m or 90 s; found '{}'", text)));
    return std::nullopt;
}

struct Asked {
    std::vector<CalibrateSettings> runs;
    std::vector<std::string> profiles;   // where to, one for each run
    std::string study;                   // to measure around; empty: well-known models
    std::vector<std::string> notes;
};

void read_target(const Arguments& arguments, CalibrateSettings& settings, Problems& problems) {
    const auto text = arguments.text("--target-error");
    if (!text) return;
    const auto target = parse_fraction(*text);
    if (target && *target > 0) settings.target_error = *target;
    else
        problems.push_back(
            wrong_at("--target-error", fmt::format("expected a share above 0, such as 4%; found '{}'", *text)));
}

// A run for each worker, its profile and its journal beside that.
Asked place_runs(const Arguments& arguments, const CalibrateSettings& common, const std::vector<std::string>& workers) {
    Asked asked;
    const std::size_t runs = std::max<std::size_t>(1, workers.size());
    const std::string usual = std::string(kProfileName) + ".json", output = arguments.text_or("--output", usual);
    for (std::size_t i = 0; i < runs; ++i) {
        asked.profiles.push_back(numbered(output, i, runs));
        asked.runs.push_back(common);
        asked.runs.back().worker = workers.empty() ? "" : workers[i];
        const std::string beside = output == "-" ? usual : asked.profiles.back();
        asked.runs.back().journal = arguments.text_or("--journal", journal_beside(beside));
    }
    asked.study = arguments.text_or("--study", "");
    return asked;
}

// --resume need not be told again what the journal knows: its worker and its study.
Problems go_on_as_begun(const Arguments& arguments, Asked& asked) {
    Problems problems;
    for (std::size_t i = 0; i < asked.runs.size(); ++i) {
        if (asked.profiles[i] != "-") append(problems, not_writable("--output", asked.profiles[i]));
        append(problems, not_writable("--journal", asked.runs[i].journal));
    }
    if (!problems.empty()) return problems;
    CalibrateSettings& only = asked.runs.front();
    if (arguments.has("--resume") && asked.runs.size() == 1) {
        const auto begun = begun_with(only.journal);
        if (!begun) return begun.error();
        if (only.worker.empty() && !begun->worker.empty()) {
            only.worker = begun->worker;
            asked.notes.push_back(fmt::format("going on with --worker \"{}\", as {} was begun", begun->worker, only.journal));
        }
        if (asked.study.empty() && !begun->study.empty()) {
            asked.study = begun->study;
            asked.notes.push_back(fmt::format("going on with --study {}, as {} was begun", begun->study, only.journal));
        }
    }
    if (only.worker.empty()) only.worker = default_worker();
    for (CalibrateSettings& run : asked.runs) run.study = asked.study;
    return {};
}

Result<Asked> read_settings(const Arguments& arguments, const Catalog& catalog) {
    Problems problems;
    CalibrateSettings common;
    if (const auto budget = arguments.text("--budget"))
        common.budget_s = read_budget(*budget, problems).value_or(common.budget_s);
    common.limits = limits_for(common.budget_s);
    read_target(arguments, common, problems);
    if (const auto probes = arguments.whole("--probes", 1, 10'000'000, problems)) common.probes = *probes;
    if (const auto seed = arguments.whole("--seed", 0, std::int64_t{1} << 53, problems))
        common.seed = static_cast<std::uint64_t>(*seed);
    common.resume = arguments.has("--resume");
    if (const auto gpu = arguments.text("--gpu")) {
        if (const DeviceSpec* device = catalog.device(*gpu)) common.device = *device;
        else
            problems.push_back(
                wrong_at("--gpu", fmt::format("'{}' is no GPU of the catalog", *gpu), "`moeplan gpu` lists them"));
    }
    if (const auto name = arguments.text("--prior")) {
        auto prior = load_prior(*name, catalog);
        if (prior) common.prior = std::make_shared<const Profile>(std::move(*prior));
        else append(problems, prior.error());
    }
    const auto workers = arguments.all("--worker");
    if (arguments.text("--journal") && workers.size() > 1)
        problems.push_back(wrong_at("--journal", "names one journal for several workers",
                                    "leave it out: each gets one beside its profile"));
    if (arguments.text_or("--output", "") == "-" && workers.size() > 1)
        problems.push_back(wrong_at("--output", "'-' is one place for the profiles of several workers", "name a file: each gets a number of its own"));
    if (!problems.empty()) return fail(std::move(problems));
    Asked asked = place_runs(arguments, common, workers);
    problems = go_on_as_begun(arguments, asked);
    if (!problems.empty()) return fail(std::move(problems));
    return asked;
}

Result<PlanFor> chosen_plan(const std::string& file, const Catalog& catalog) {
    if (file.empty()) return plan_around_well_known_models(catalog);
    const auto study = read_study(file, {});
    if (!study) return tl::unexpected(study.error());
    auto ops = ops_of_study(*study, catalog);
    if (!ops) return tl::unexpected(ops.error());
    return plan_around(std::move(*ops));
}

// What is told behind the bar, of all workers together.
class Live {
public:
    explicit Live(std::size_t workers) : last_(workers) {}
    std::string take(std::size_t worker, const CalibrationProgress& progress) {
        last_[worker] = progress;
        std::int64_t done = 0, failed = 0;
        for (const auto& one : last_) {
            done += one.done;
            failed += one.failed;
        }
        std::string text = fmt::format("{} probes", done);
        if (failed > 0) text += fmt::format(", {} failed", failed);
        if (progress.error) text += fmt::format(", error {}", format_value(*progress.error, "fraction"));
        return progress.probe.empty() ? text : fmt::format("{}  {}", text, progress.probe);
    }

private:
    std::vector<CalibrationProgress> last_;
};

std::vector<Result<Calibration>> measure(const Asked& asked, const CalibrateTools& tools, const Console& console) {
    Progress progress(console);
    RunControl& control = progress.control();
    control.cancel = Interrupt::flag();
    Live live(asked.runs.size());
    const auto on_progress = [&](std::size_t worker, const CalibrationProgress& p) {
        progress.say(live.take(worker, p));
    };
    if (asked.runs.size() > 1) return calibrate_all(asked.runs, tools, control, on_progress);
    std::vector<Result<Calibration>> results;   // in this thread: nothing to merge
    results.push_back(
        calibrate(asked.runs.front(), tools, control, [&](const CalibrationProgress& p) { on_progress(0, p); }));
    return results;
}

// "12 probes have no answer: 9 hung, 3 crashed; the last: no answer within 20 s". Empty: all were answered.
std::string failures_of(const Calibration& run) {
    std::map<AnswerKind, std::size_t> kinds;
    std::size_t failed = 0;
    const JournalEntry* last = nullptr;
    for (const JournalEntry& entry : run.entries) {
        if (entry.kind == AnswerKind::ok) continue;
        ++kinds[entry.kind];
        ++failed;
        last = &entry;
    }
    if (!last) return {};
    std::vector<std::string> counted;
    for (const auto& [kind, n] : kinds) counted.push_back(fmt::format("{} {}", n, name_of(kind)));
    return fmt::format("{} of {} probes have no answer: {}{}", failed, run.entries.size(), fmt::join(counted, ", "), last->message.empty() ? "" : "; the last: " + last->message);
}

// A worker that names itself as a device of the catalog, and --gpu as another. Empty: no contradiction.
std::string another_device(const CalibrateSettings& settings, const Calibration& run, const Catalog& catalog) {
    const DeviceSpec* greeted = catalog.device(run.header.hello.device);
    if (!settings.device || !greeted || greeted->id == settings.device->id) return {};
    return fmt::format("the worker runs on {}, which is {}; --gpu has it fitted as {}", run.header.hello.device, greeted->id, settings.device->id);
}

ExitCode finish(const CalibrateSettings& settings, const std::string& file, const Calibration& run,
                const CalibrateTools& tools, const Catalog& catalog, Console& console) {
    for (const std::string& note : run.notes) console.note(note);
    if (const std::string other = another_device(settings, run, catalog); !other.empty()) console.note(other);
    ExitCode code = console.report(run.problems);
    const auto fitted = fit_calibration(run, settings, tools, profile_name(file));
    if (!fitted) {
        if (const std::string failed = failures_of(run); !failed.empty()) console.note(failed);
        console.note(fmt::format("what was measured is in {}", settings.journal));
        return worse(code, console.report(fitted.error()));
    }
    const auto text = profile_text(fitted->profile, file);
    if (!text) {
        console.note(fmt::format("what was measured is in {}", settings.journal));
        return worse(code, console.report(text.error()));
    }
    code = worse(code, deliver(*text, file, console));
    if (file != "-") console.print(calibration_summary(run, *fitted, console));
    if (code == ExitCode::fine && file != "-")
        console.note(fmt::format("{} is written; everything measured is in {}", file, settings.journal));
    return code;
}

ExitCode stopped(const std::vector<CalibrateSettings>& runs, const std::vector<Result<Calibration>>& results,
                 Console& console) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (results[i])
            console.note(fmt::format("stopped; {} answers of {} are in {}: the same command with --resume goes on",
                                     results[i]->entries.size(), results[i]->header.hello.device, runs[i].journal));
    }
    return ExitCode::interrupted;
}

ExitCode run_calibration(const Arguments& arguments, Console& console) {
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    const auto asked = read_settings(arguments, *catalog);
    if (!asked) return console.report(asked.error());
    for (const std::string& note : asked->notes) console.note(note);
    auto plan = chosen_plan(asked->study, *catalog);
    if (!plan) return console.report(plan.error());
    const Interrupt interrupt;
    const CalibrateTools tools = tools_with_catalog(std::move(*plan), *catalog);
    const auto results = measure(*asked, tools, console);
    if (Interrupt::came()) return stopped(asked->runs, results, console);
    ExitCode code = ExitCode::fine;
    for (std::size_t i = 0; i < results.size(); ++i) {
        // Of the well-known models no device can hold everything; of a study its owner wants to know.
        if (results[i] && !asked->study.empty()) {
            for (const std::string& reason : results[i]->left_out) console.note("not measured: " + reason);
        }
        code = worse(code, results[i] ? finish(asked->runs[i], asked->profiles[i], *results[i], tools, *catalog, console)
                                      : console.report(results[i].error()));
    }
    return code;
}

}  // namespace

Option worker_option() {
    return {.name = "--worker",
            .letter = "-w",
            .value = "CMD",
            .doc = "Command line of a probe worker; moeplan-probe beside this program unless given. run: several are "
                   "run side by side, each with a journal and profile of its own.",
            .many = true};
}

CalibrateWord calibrate_run_word() {
    return {
        .name = "run",
        .doc = "measure and fit, what is meant when nothing is said",
        .options = {worker_option(),
                    {.name = "--budget", .letter = "", .value = "TIME", .doc = "How long to measure: 5m unless given."},
                    {.name = "--target-error",
                     .letter = "",
                     .value = "SHARE",
                     .doc = "Stop before that when the held-out median error of every family is at most this: 4%."},
                    {.name = "--probes", .letter = "", .value = "N", .doc = "At most so many probes."},
                    {.name = "--study",
                     .letter = "",
                     .value = "FILE",
                     .doc = "Measure around what this study does, instead of around well-known models.",
                     .completes = Completes::files},
                    {.name = "--gpu",
                     .letter = "-g",
                     .value = "GPU",
                     .doc = "The device's name in the catalog, where the driver names it otherwise.",
                     .completes = Completes::gpus},
                    {.name = "--journal",
                     .letter = "",
                     .value = "FILE",
                     .doc = "Where every answer is kept; PROFILE.journal.jsonl unless given.",
                     .completes = Completes::files},
                    {.name = "--resume", .letter = "", .value = "", .doc = "Go on with the journal when it is there; by its worker and study unless others are named."},
                    {.name = "--seed", .letter = "", .value = "N", .doc = "Of the choice of probes; 1 unless given."},
                    prior_option(),
                    output_option("Where the profile goes; moeplan-profile.json unless given.")},
        .run = run_calibration};
}

}  // namespace moeplan::cli
