// moeplan calibrate evaluate TABLE…: how well a fit from few probes predicts the rest.
#include <fmt/format.h>

#include "cli/commands/calibrate.h"
#include "cli/commands/calibrate_tables.h"
#include "cli/commands/commands.h"
#include "cli/session.h"
#include "core/calibrate/evaluate.h"

namespace moeplan::cli {
namespace {

std::string written(const KernelScores& scores, const std::string& format, const TableStyle& style) {
    if (format == "json") return write_kernel_scores_json(scores);
    if (format == "md") return write_kernel_scores_markdown(scores);
    return write_kernel_scores_table(scores, style);
}

ExitCode evaluate_tables(const Arguments& arguments, Console& console) {
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    Problems problems;
    EvaluateOptions options;
    options.probes = static_cast<std::size_t>(arguments.whole("--probes", 8, 5000, problems).value_or(500));
    options.seed = static_cast<std::uint64_t>(arguments.whole("--seed", 0, 1'000'000'000, problems).value_or(1));
    options.split = arguments.text_or("--split", "row") == "shape" ? Split::shape : Split::row;
    const std::vector<std::string> files(arguments.words().begin() + 1, arguments.words().end());
    const auto tables = read_tables(files, arguments.text("--gpu"), *catalog);
    if (!tables) append(problems, tables.error());
    std::optional<Profile> prior;
    if (const auto name = arguments.text("--prior")) {
        auto loaded = load_prior(*name, *catalog);
        if (loaded) prior = std::move(*loaded);
        else append(problems, loaded.error());
    }
    if (!problems.empty()) return console.report(problems);
    for (const std::string& note : tables->notes) console.note(note);
    options.prior = prior ? &*prior : nullptr;
    RunControl control;
    const KernelScores scores = evaluate(tables->merged, *tables->device, options, control);
    const auto output = arguments.text("--output");
    return deliver(written(scores, arguments.text_or("--format", "table"), output ? Console::file_style() : console.style()), output, console);
}

}  // namespace

CalibrateWord calibrate_evaluate_word() {
    return {.name = "evaluate",
            .doc = "how well a fit from few probes predicts the rest of a table",
            .least_files = 1,
            .most_files = 64,
            .options = {probes_option(), seed_option(), gpu_option(), prior_option(),
                        {.name = "--split", .letter = "", .value = "row|shape",
                         .doc = "evaluate: score the other rows of shapes probed, or shapes never probed.", .choices = {"row", "shape"}},
                        format_option({"table", "json", "md"}), output_option("The file to write.")},
            .run = evaluate_tables};
}

}  // namespace moeplan::cli
