// moeplan validate serving CSV: the closed forms held against measured servers.
#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "core/analyse/validate_serving.h"
#include "core/base/write_file.h"
#include "core/calibrate/profile.h"
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

ExitCode validate(const Arguments& arguments, Console& console) {
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    ValidateOptions options;
    options.model = arguments.text_or("--model", "");
    options.gpu = arguments.text_or("--gpu", "");
    options.engine = arguments.text_or("--engine", "");
    std::string rows = kRowHeader;
    const auto rows_file = arguments.text("--rows");
    if (rows_file) options.row = [&rows](const std::string& line) { rows += line + "\n"; };
    const auto source = make_calibrated(make_roofline());
    const auto report = validate_serving(arguments.words()[1], *catalog, *source, options);
    if (!report) return console.report(report.error());
    const auto output = arguments.text("--output");
    ExitCode code = deliver(written(*report, arguments.text_or("--format", "table"),
                                    output ? Console::file_style() : console.style()),
                            output, console);
    if (rows_file) code = worse(code, console.report(write_file_atomically(*rows_file, rows)));
    return code;
}

}  // namespace

Command validate_command() {
    return {.name = "validate",
            .summary = "Hold predictions against measurements: mean error, bias, coverage.",
            .doc =
                "serving takes a table of measured servers, a row each, and predicts every row from its "
                "model, GPU, engine, layout and load. "
                "Rows that cannot be predicted are counted with the reason.",
            .words = {{.name = "WHAT", .doc = "serving", .at_least = 1, .choices = {"serving"}},
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
                        {.name = "--rows",
                         .letter = "",
                         .value = "FILE",
                         .doc = "Also write every row compared, with its prediction, as CSV.",
                         .completes = Completes::files},
                        format_option({"table", "json", "md"}),
                        output_option("Write to this file instead of standard output.")},
            .examples = {"moeplan validate serving measured.csv",
                         "moeplan validate serving measured.csv --engine vllm --format json"},
            .run = validate};
}

}  // namespace moeplan::cli
