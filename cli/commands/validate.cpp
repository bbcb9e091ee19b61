// moeplan validate serving|kernels CSV: predictions held against measured servers and kernels.
#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/commands/calibrate_tables.h"
#include "core/analyse/fit_engine.h"
#include "core/analyse/validate_serving.h"
#include "core/base/write_file.h"
#include "core/calibrate/profile.h"
#include "core/calibrate/evaluate.h"
#include "core/cost/cost_source.h"

namespace moeplan::cli {
namespace {

constexpr const char* kRowHeader =
    "line,model,gpu,engine,input,output,load,ttft_ms,ttft_ms_predicted,tpot_ms,tpot_ms_predicted,e2e_ms,e2e_"
    "ms_predicted,running,mixed_share\n";

std::string written(const ValidationReport& report, const std::string& format, const TableStyle& style) {
    if (format == "json") return write_validation_json(report);
    if (format == "md") return write_validation_markdown(report);
    return write_validation_table(report, style);
}

std::string written(const KernelScores& scores, const std::string& format, const TableStyle& style) {
    if (format == "json") return write_kernel_scores_json(scores);
    if (format == "md") return write_kernel_scores_markdown(scores);
    return write_kernel_scores_table(scores, style);
}

template <class Report>
ExitCode delivered(const Report& report, const Arguments& arguments, Console& console) {
    const auto output = arguments.text("--output");
    return deliver(written(report, arguments.text_or("--format", "table"), output ? Console::file_style() : console.style()), output, console);
}

std::string microseconds(double seconds) { return fmt::format("{:.3g} us", seconds * 1e6); }

void tell(const EngineFit& fit, Console& console) {
    for (const auto& [engine, t] : fit.terms) {
        console.note(fmt::format("{}: step {}, sequence {}, kernel {}, prefill step {}, its layers {} each, request {}", engine, microseconds(t.step_s),
                                 microseconds(t.sequence_s), microseconds(t.kernel_launch_s), microseconds(t.prefill_s), microseconds(t.prefill_layer_s),
                                 microseconds(t.request_s)));
    }
    console.note("fitted on " + fmt::format("{}", fmt::join(fit.fitted_on, "; ")));
}

// Terms fitted on some groups; what is left is scored (all of it when all were fitted on).
ValidationReport fitted_and_scored(const ServingRows& rows, const std::string& half, const CostSource& source, const ValidateOptions& options, Console& console) {
    const GroupHalf which = half == "all" ? GroupHalf::all : half == "even" ? GroupHalf::even : GroupHalf::odd;
    const EngineFit fit = fit_engine_terms(rows, which, source);
    tell(fit, console);
    return validate_rows(with_terms(rows, fit, which != GroupHalf::all), source, options);
}

ExitCode serving(const Arguments& arguments, const Catalog& catalog, Console& console) {
    ValidateOptions options;
    options.model = arguments.text_or("--model", "");
    options.gpu = arguments.text_or("--gpu", "");
    options.engine = arguments.text_or("--engine", "");
    options.profile = arguments.text_or("--profile", std::string(kAutomaticProfile));
    std::string lines = kRowHeader;
    const auto rows_file = arguments.text("--rows");
    if (rows_file) options.row = [&lines](const std::string& line) { lines += line + "\n"; };
    const std::string& file = arguments.words()[1];
    if (options.profile != kAutomaticProfile && options.profile != kNoProfile) {
        if (const auto known = load_prior(options.profile, catalog); !known) return console.report(known.error());
    }
    const auto source = make_calibrated(make_roofline());
    const auto rows = load_serving_rows(file, catalog, {options.routing, options.model, options.gpu, options.engine, options.profile});
    if (!rows) return console.report(rows.error());
    const auto half = arguments.text("--fit-engines");
    ValidationReport report = half ? fitted_and_scored(*rows, *half, *source, options, console) : validate_rows(*rows, *source, options);
    report.file = file;
    ExitCode code = delivered(report, arguments, console);
    if (rows_file) code = worse(code, console.report(write_file_atomically(*rows_file, lines)));
    return code;
}

ExitCode kernels(const Arguments& arguments, const Catalog& catalog, Console& console) {
    auto tables = read_tables({arguments.words()[1]}, arguments.text("--gpu"), catalog);
    if (!tables) return console.report(tables.error());
    const std::string name = arguments.text_or("--profile", tables->device->id + "-vllm");
    auto profile = load_prior(name, catalog);
    if (!profile) return console.report(profile.error());
    return delivered(score_profile(tables->merged, *profile, tables->device), arguments, console);
}

ExitCode validate(const Arguments& arguments, Console& console) {
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    return arguments.words()[0] == "kernels" ? kernels(arguments, *catalog, console) : serving(arguments, *catalog, console);
}

}  // namespace

Command validate_command() {
    return {.name = "validate",
            .summary = "Hold predictions against measurements: mean error, bias, coverage.",
            .doc =
                "serving takes a table of measured servers, a row each, and predicts every row from its "
                "model, GPU, engine, layout and load. "
                "Rows that cannot be predicted are counted with the reason. "
                "kernels takes a table of measured kernels and predicts each by a profile.",
            .words = {{.name = "WHAT", .doc = "serving or kernels", .at_least = 1, .choices = {"serving", "kernels"}},
                      {.name = "CSV",
                       .doc = "the measurements: columns as in docs/cli.md",
                       .at_least = 1,
                       .completes = Completes::files}},
            .options = {{.name = "--model",
                         .letter = "",
                         .value = "TEXT",
                         .doc = "Only rows whose model contains this."},
                        {.name = "--gpu",
                         .letter = "",
                         .value = "TEXT",
                         .doc = "Only rows whose GPU contains this."},
                        {.name = "--engine",
                         .letter = "",
                         .value = "TEXT",
                         .doc = "Only rows whose engine contains this."},
                        {.name = "--profile",
                         .letter = "",
                         .value = "NAME|FILE",
                         .doc = "The profile to predict with, of the catalog or a file; none: the roofline alone (serving).",
                         .completes = Completes::files},
                        {.name = "--fit-engines",
                         .letter = "",
                         .value = "HALF",
                         .doc = "serving: first fit the engines' terms, on every other group (model, GPU, engine) and score the rest, or on all.",
                         .choices = {"even", "odd", "all"}},
                        {.name = "--rows",
                         .letter = "",
                         .value = "FILE",
                         .doc = "Also write every row compared, with its prediction, as CSV.",
                         .completes = Completes::files},
                        format_option({"table", "json", "md"}),
                        output_option("Write to this file instead of standard output.")},
            .examples = {"moeplan validate serving measured.csv",
                         "moeplan validate serving measured.csv --engine vllm --format json",
                         "moeplan validate kernels h100-moe.csv --profile h100_sxm-vllm"},
            .run = validate};
}

}  // namespace moeplan::cli
