// moeplan check STUDY…: holds studies to what they expect, for CI and for the claims.
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "cli/baseline.h"
#include "cli/commands/commands.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/study_files.h"
#include "core/analyse/expectations.h"
#include "core/base/write_file.h"
#include "core/report/checks.h"
#include "sim/run.h"

namespace moeplan::cli {
namespace {

void judge(const Scenario& scenario, const Catalog& catalog, CheckedFile& checked) {
    checked.name = scenario.name;
    if (scenario.claim)
        checked.claim = CheckedClaim{scenario.claim->number, scenario.claim->text, scenario.claim->source,
                                     scenario.claim->found};
    RunControl quiet;
    auto report = run(scenario, catalog, quiet);
    if (!report) {
        checked.problems = blamed_on(scenario, std::move(report.error()));
        return;
    }
    if (checked.claim && !report->found.empty()) checked.claim->found = report->found;
    checked.expectations = std::move(report->expectations);
    checked.verdict = overall(checked.expectations, scenario.expect);
}

CheckedFile check_file(const std::string& file, const Catalog& catalog) {
    const auto start = std::chrono::steady_clock::now();
    CheckedFile checked;
    checked.file = file;
    if (auto scenario = read_study(file, {})) judge(*scenario, catalog, checked);
    else checked.problems = std::move(scenario.error());
    checked.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return checked;
}

// In the order of `files`, whatever thread takes which. A thread's exception is thrown here again.
std::vector<CheckedFile> check_files(const std::vector<std::string>& files, const Catalog& catalog,
                                     RunControl& control) {
    std::vector<CheckedFile> checked(files.size());
    std::atomic<std::size_t> next = 0, done = 0;
    std::mutex one_at_a_time;
    std::exception_ptr thrown;
    const auto work = [&] {
        for (std::size_t i = next++; i < files.size(); i = next++) {
            try {
                checked[i] = check_file(files[i], catalog);
            } catch (...) {
                const std::lock_guard lock(one_at_a_time);
                thrown = std::current_exception();
            }
            const std::lock_guard lock(one_at_a_time);
            if (control.progress)
                control.progress(static_cast<double>(++done) / static_cast<double>(files.size()));
        }
    };
    {
        std::vector<std::jthread> threads;
        const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
        for (std::size_t i = 1; i < std::min(files.size(), cores); ++i) threads.emplace_back(work);
        work();
    }
    if (thrown) std::rethrow_exception(thrown);
    return checked;
}

std::string written(const std::vector<CheckedFile>& checked, const std::string& format,
                    const TableStyle& style) {
    if (format == "json") return write_checks_json(checked);
    if (format == "md") return write_checks_markdown(checked);
    return write_checks_table(checked, style);
}

ExitCode compare_with(const std::string& baseline, bool update, const std::vector<std::string>& files,
                      const std::string& json, Console& console) {
    if (update) return console.report(write_file_atomically(baseline, json));
    const auto before = load_verdicts(baseline);
    if (!before) return console.report(before.error());
    const auto now = parse_verdicts(json, "check");
    if (!now) return console.report(now.error());
    const auto changes = differences(*before, *now, files);
    for (const auto& change : changes) console.tell("changed", change);
    return changes.empty() ? ExitCode::fine : ExitCode::expectation_failed;
}

ExitCode check_studies(const Arguments& arguments, Console& console) {
    const auto baseline = arguments.text("--baseline");
    const bool update = arguments.has("--update-baseline");
    if (update && !baseline)
        return console.report(
            {wrong_at("--update-baseline", "there is no file to update", "name it with --baseline FILE")});
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    const auto files = study_files(arguments.words());
    if (!files) return console.report(files.error());
    const auto checked = [&] {
        Progress progress(console);
        return check_files(*files, *catalog, progress.control());
    }();
    const auto output = arguments.text("--output");
    ExitCode code = deliver(written(checked, arguments.text_or("--format", "table"),
                                    output ? Console::file_style() : console.style()),
                            output, console);
    if (const auto junit = arguments.text("--junit"))
        code = worse(code, console.report(write_file_atomically(*junit, write_junit(checked))));
    for (const auto& file : checked) {
        code = worse(code, console.report(file.problems));
        if (!baseline && file.problems.empty() && is_failure(file))
            code = worse(code, ExitCode::expectation_failed);
    }
    if (baseline)
        code = worse(code, compare_with(*baseline, update, *files, write_checks_json(checked), console));
    return code;
}

}  // namespace

Command check_command() {
    return {.name = "check",
            .summary = "Hold studies to what they expect: for CI, and for the claims.",
            .doc =
                "Runs every study on all cores. Exit code 1 when an expectation fails; with --baseline only "
                "when a verdict is "
                "another one than in that file. A study that puts a claim to the test tells what was found "
                "and never fails.",
            .words = {{.name = "STUDY|DIR",
                       .doc = "studies, or folders with studies (*.yaml) in them and below",
                       .at_least = 1,
                       .at_most = 100'000,
                       .completes = Completes::files}},
            .options = {format_option({"table", "json", "md"}),
                        output_option("Write to this file instead of standard output."),
                        {.name = "--junit",
                         .letter = "",
                         .value = "FILE",
                         .doc = "Also write JUnit XML, which CI systems show.",
                         .completes = Completes::files},
                        {.name = "--baseline",
                         .letter = "",
                         .value = "FILE",
                         .doc = "Compare with the verdicts in this file, in the form of --format json.",
                         .completes = Completes::files},
                        {.name = "--update-baseline",
                         .letter = "",
                         .value = "",
                         .doc = "Write today's verdicts to the baseline."}},
            .examples = {"moeplan check scenarios/claims", "moeplan check studies/ --junit checks.xml",
                         "moeplan check studies/ --baseline verdicts.json"},
            .run = check_studies};
}

}  // namespace moeplan::cli
