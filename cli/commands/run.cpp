// moeplan run STUDY…: answers studies and writes a report of each.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/plot_program.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "core/base/units_text.h"
#include "core/scenario/files_named.h"
#include "sim/run.h"

namespace moeplan::cli {
namespace {

namespace fs = std::filesystem;

const WriterEntry& writer_named(const std::string& name) {
    return *std::ranges::find(writer_catalog(), name, &WriterEntry::name);
}

bool names_folder(const std::string& output, std::size_t studies) {
    std::error_code error;
    return studies > 1 || output.ends_with('/') || fs::is_directory(output, error);
}

// One output per study: a file of its own in the folder, the file named, or standard output (nothing).
Result<std::vector<std::optional<std::string>>> places(const std::vector<std::string>& studies,
                                                       const std::optional<std::string>& output,
                                                       const WriterEntry& writer) {
    std::vector<std::optional<std::string>> files;
    if (!output || *output == "-") {
        if (studies.size() > 1 && writer.name == "html") {
            return fail(wrong_at("--format", "several HTML pages cannot go to one output",
                                 "give a folder with -o DIR"));
        }
        files.resize(studies.size());
        return files;
    }
    if (!names_folder(*output, studies.size())) return std::vector<std::optional<std::string>>{*output};
    std::error_code error;
    fs::create_directories(*output, error);
    if (error) return fail({*output, {}, "this folder cannot be made: " + error.message(), {}});
    for (const auto& study : studies) {
        const std::string stem = study == "-" ? "study" : fs::path(study).stem().string();
        std::string file = (fs::path(*output) / (stem + std::string(writer.extension))).string();
        if (std::ranges::find(files, std::optional(file)) != files.end()) {
            return fail(wrong_at(study, fmt::format("two studies would both be written to {}", file),
                                 "run them one by one"));
        }
        files.push_back(std::move(file));
    }
    return files;
}

Result<std::vector<Scenario>> read_all(const Arguments& arguments) {
    std::vector<Scenario> scenarios;
    Problems problems;
    for (const auto& file : arguments.words()) {
        auto scenario = read_study(file, arguments.all("--set"));
        if (scenario) scenarios.push_back(std::move(*scenario));
        else append(problems, std::move(scenario.error()));
    }
    if (!problems.empty()) return fail(std::move(problems));
    return scenarios;
}

// Options that only a simulation knows. Several studies cannot share a file.
Result<SimulationOptions> simulation_options(const Arguments& arguments, const std::vector<Scenario>& scenarios) {
    SimulationOptions options;
    options.check = arguments.has("--check");
    options.skip = !arguments.has("--no-skip");
    options.intervals = !arguments.has("--no-intervals");
    Problems problems;
    if (const auto share = arguments.text("--bad-rows")) {
        if (const auto value = parse_fraction(*share)) options.most_bad = *value;
        else problems.push_back(wrong_at("--bad-rows", value.error(), "for example 2 % or 0.02"));
    }
    options.requests_file = arguments.text("--requests").value_or("");
    options.timeline_file = arguments.text("--timeline").value_or("");
    const std::string ending = std::filesystem::path(options.requests_file).extension().string();
    if (!ending.empty() && ending != ".csv" && ending != ".jsonl") {
        problems.push_back(wrong_at("--requests", fmt::format("'{}' is no form requests are written in", ending), "name a file .csv or .jsonl"));
    }
    const auto simulated = std::ranges::count(scenarios, Method::simulate, &Scenario::method);
    for (const char* option : {"--check", "--no-skip", "--no-intervals", "--bad-rows", "--requests", "--timeline"}) {
        const bool names_file = std::string_view(option) == "--requests" || std::string_view(option) == "--timeline";
        if (!arguments.has(option)) continue;
        if (simulated == 0) {
            problems.push_back(wrong_at(option, "no study here is simulated", "simulations have `method: simulate`"));
        } else if (names_file && simulated > 1) {
            problems.push_back(wrong_at(option, fmt::format("{} simulated studies cannot write one file", simulated), "run them one by one"));
        }
    }
    if (!problems.empty()) return fail(std::move(problems));
    return options;
}

ExitCode run_studies(const Arguments& arguments, Console& console) {
    const WriterEntry& writer = writer_named(chosen_format(arguments));
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    const auto scenarios = read_all(arguments);
    if (!scenarios) return console.report(scenarios.error());
    const auto output = arguments.text("--output");
    const auto files = places(arguments.words(), output, writer);
    if (!files) return console.report(files.error());
    Problems overwritten;
    for (const Scenario& scenario : *scenarios) {
        for (const auto& file : *files) append(overwritten, spares_files_named(scenario, file.value_or("")));
    }
    if (!overwritten.empty()) return console.report(overwritten);
    const auto options = simulation_options(arguments, *scenarios);
    if (!options) return console.report(options.error());
    ExitCode code = ExitCode::fine;
    PlotProgram plots;
    for (std::size_t i = 0; i < scenarios->size(); ++i) {
        const Scenario& scenario = (*scenarios)[i];
        const auto report = [&] {
            Progress progress(console);
            return run(scenario, *catalog, progress.control(), *options);
        }();
        if (!report) {
            code = worse(code, console.report(blamed_on(scenario, report.error())));
            continue;
        }
        const auto style = (*files)[i] ? Console::file_style() : console.style();
        const std::string gap = i > 0 && !(*files)[i] && writer.name == "table" ? "\n" : "";
        const std::string text = writer.name == "html" ? plots.page(*report) : gap + writer.make(style)->write(*report);
        code = worse(code, deliver(text, (*files)[i], console));
        code = worse(code, code_of(scenario, *report));
    }
    return code;
}

}  // namespace

Command run_command() {
    return {
        .name = "run",
        .summary = "Answer studies: what each candidate costs, which wins, and where that flips.",
        .doc =
            "A study is a YAML file with a workload and candidates; `moeplan init` writes one to start from. "
            "Several studies are "
            "answered one after the other. A study named - is read from standard input. An HTML page has its pictures from moeplan-plot "
            "where that lies beside moeplan (or is named by MOEPLAN_PLOT; none = plain charts).",
        .words = {{.name = "STUDY",
                   .doc = "a study's YAML file, or - for standard input",
                   .at_least = 1,
                   .at_most = 100'000,
                   .completes = Completes::files}},
        .options =
            {{.name = "--set",
              .letter = "-s",
              .value = "PATH=VALUE",
              .doc = "Change the study before it is read: mixtral.count=4, workload.load.concurrency=64.",
              .many = true},
             format_option(report_formats()),
             output_option(
                 "Write to this file, whose ending picks the format, or one file per study into this folder.",
                 "FILE|DIR"),
             {.name = "--requests",
              .letter = "",
              .value = "FILE",
              .doc = "Simulations: what became of every request, as CSV or JSON lines (.jsonl); with several candidates one file "
                     "for each, its name added.",
              .completes = Completes::files,
              .writes = true},
             {.name = "--timeline",
              .letter = "",
              .value = "FILE",
              .doc = "Simulations: every step of every replica as a Chrome trace, for ui.perfetto.dev.",
              .completes = Completes::files,
              .writes = true},
             {.name = "--bad-rows",
              .letter = "",
              .value = "SHARE",
              .doc = "Simulations: the share of a trace's rows that may be malformed before it is refused (default 1 %)."},
             {.name = "--check", .letter = "", .value = "", .doc = "Simulations: hold every invariant at every step, and fail where one breaks."},
             {.name = "--no-skip", .letter = "", .value = "", .doc = "Simulations: decode step by step instead of many at once; slower, every request at the same times."},
             {.name = "--no-intervals", .letter = "", .value = "", .doc = "Simulations: with the expected step times only, three times as fast."}},
        .examples = {"moeplan run scenarios/studies/mixtral-vs-llama70b.yaml",
                     "moeplan run study.yaml --set mixtral.count=4 --set routing.zipf.alpha=1.2",
                     "moeplan run scenarios/studies/*.yaml --format html -o reports/",
                     "moeplan run study.yaml --requests requests.csv --timeline steps.json"},
        .run = run_studies};
}

}  // namespace moeplan::cli
