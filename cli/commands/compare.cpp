// moeplan compare MODEL…: a comparison without writing a study.
#include <algorithm>

#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/compare_study.h"
#include "cli/plot_program.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "core/base/write_file.h"
#include "sim/run.h"

namespace moeplan::cli {
namespace {

ExitCode compare_models(const Arguments& arguments, Console& console) {
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    const auto study = study_from(arguments, *catalog);
    if (!study) return console.report(study.error());
    if (const auto file = arguments.text("--save")) {
        if (const auto problems = write_file_atomically(*file, save_scenario(study->scenario));
            !problems.empty())
            return console.report(problems);
    }
    const auto report = [&] {
        Progress progress(console);
        return run(study->scenario, *catalog, progress.control());
    }();
    if (!report) return console.report(report.error());
    for (const auto& note : study->notes) console.note(note);
    const auto output = arguments.text("--output");
    const std::string format = chosen_format(arguments);
    const auto writer = make_writer(format, output ? Console::file_style() : console.style());
    if (!writer) return console.report(writer.error());
    const std::string text = format == "html" ? PlotProgram().page(*report) : (*writer)->write(*report);
    return worse(deliver(text, output, console), code_of(study->scenario, *report));
}

std::vector<Option> options_of_candidates() {
    auto formats = number_format_names();
    formats.insert(formats.begin(), "native");
    return {{.name = "--gpu",
             .letter = "-g",
             .value = "GPU",
             .doc = "The GPU of every candidate: h100_sxm.",
             .completes = Completes::gpus},
            {.name = "--count",
             .letter = "-n",
             .value = "N",
             .doc = "GPUs of each; unless given the fewest that hold the model and the load."},
            {.name = "--layout",
             .letter = "",
             .value = "\"tp=2 ep=2\"",
             .doc = "How a replica is spread; unless given tensor parallel in a node."},
            {.name = "--precision",
             .letter = "-p",
             .value = "FORMAT",
             .doc = "Number format of the weights; as published unless given.",
             .choices = formats,
             .open = true},
            {.name = "--kv",
             .letter = "",
             .value = "FORMAT",
             .doc = "Number format of the KV cache; bf16 unless given.",
             .choices = number_format_names(),
             .open = true},
            {.name = "--engine",
             .letter = "-e",
             .value = "ENGINE",
             .doc = "Serving engine; vllm unless given.",
             .completes = Completes::engines},
            {.name = "--isl",
             .letter = "",
             .value = "TOKENS",
             .doc = "Input tokens of a request; 1024 unless given."},
            {.name = "--osl",
             .letter = "",
             .value = "TOKENS",
             .doc = "Output tokens of a request; 256 unless given."},
            {.name = "--skew",
             .letter = "",
             .value = "A",
             .doc = "Zipf exponent of the routing; 0, uniform, unless given."},
            {.name = "--price", .letter = "", .value = "USD", .doc = "Price of one GPU for an hour: 2.50."},
            {.name = "--tier",
             .letter = "",
             .value = "TIER",
             .doc = "Price of the catalog; on_demand unless given.",
             .choices = {"on_demand", "spot", "reserved"},
             .open = true}};
}

std::vector<Option> options_of_study() {
    std::vector<Option> options{
        {.name = "--batch", .letter = "-b", .value = "B", .doc = "Requests in flight; 32 unless given."},
        {.name = "--rate",
         .letter = "",
         .value = "4/s",
         .doc = "Requests arrive at random at this rate instead."},
        {.name = "--utilisation",
         .letter = "",
         .value = "SHARE",
         .doc = "Share of the paid time that carries the load; 1 unless given."},
        {.name = "--benchmark",
         .letter = "",
         .value = "NAME",
         .doc = "Published scores to take P(correct) from: gpqa_diamond."},
        {.name = "--evaluator",
         .letter = "",
         .value = "NAME",
         .doc = "Whose scores; unless given the first who scored all models."},
        {.name = "--objective",
         .letter = "",
         .value = "METRIC",
         .doc = "What the verdict compares; usd_per_mtok_output unless given."},
        {.name = "--no-sweep",
         .letter = "",
         .value = "",
         .doc = "Leave out the sweep over batches of 1 to 256."},
        {.name = "--save",
         .letter = "",
         .value = "FILE",
         .doc = "Write the study as YAML, to be refined and run again.",
         .completes = Completes::files},
        format_option(report_formats()),
        output_option("Write to this file, whose ending picks the format.")};
    return options;
}

}  // namespace

Command compare_command() {
    auto options = options_of_candidates();
    std::ranges::move(options_of_study(), std::back_inserter(options));
    return {.name = "compare",
            .summary = "Compare models on a GPU without writing a study.",
            .doc = fmt::format("One candidate may differ from the others: MODEL@gpu=h200_sxm,count=4. Behind "
                               "@ may stand {}, and the parts of a layout.",
                               fmt::join(candidate_keys(), ", ")),
            .words = {{.name = "MODEL",
                       .doc = "a name of the catalog, a config.json, the folder it lies in, or a .gguf",
                       .at_least = 1,
                       .at_most = 1000,
                       .completes = Completes::models}},
            .options = std::move(options),
            .examples = {"moeplan compare mixtral-8x7b llama-3-70b --gpu h100_sxm --precision fp8_block",
                         "moeplan compare mixtral-8x7b@tp=2,ep=2 mixtral-8x7b -g h100_sxm -n 2 --skew 1",
                         "moeplan compare llama-3-8b --gpu l40s --batch 8 --isl 4096 --save study.yaml"},
            .run = compare_models};
}

}  // namespace moeplan::cli
