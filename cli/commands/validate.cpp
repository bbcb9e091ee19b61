// moeplan validate serving|requests|kernels FILE: predictions held against measured servers, requests and kernels.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/commands/calibrate_tables.h"
#include "cli/commands/validate_requests.h"
#include "core/analyse/fit_engine.h"
#include "core/analyse/validate_serving.h"
#include "core/base/write_file.h"
#include "core/calibrate/profile.h"
#include "core/calibrate/evaluate.h"
#include "core/cost/cost_source.h"
#include "sim/serving/validate_servers.h"

namespace moeplan::cli {
namespace {

constexpr const char* kRowHeader =
    "line,model,gpu,engine,input,output,load,ttft_ms,ttft_ms_predicted,tpot_ms,tpot_ms_predicted,e2e_ms,e2e_"
    "ms_predicted,running,mixed_share,flagged_queueing,waits,pools\n";

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
        const auto range = [&t] {
            return t.request_range_s ? fmt::format(" (of single groups {} to {})", microseconds(t.request_range_s->first), microseconds(t.request_range_s->second)) : "";
        };
        const auto apart = [&t] { return t.prefill_apart_s > 0 ? fmt::format(" ({} on devices with one of their own)", microseconds(t.prefill_apart_s)) : ""; };
        console.note(fmt::format("{}: step {}, sequence {}, kernel {}, prefill step {}{}, its layers {} each, request {}{}", engine, microseconds(t.step_s),
                                 microseconds(t.sequence_s), microseconds(t.kernel_launch_s), microseconds(t.prefill_s), apart(), microseconds(t.prefill_layer_s),
                                 microseconds(t.request_s), range()));
    }
    console.note("fitted on " + fmt::format("{}", fmt::join(fit.fitted_on, "; ")));
}

// Terms fitted on some groups; what is left is scored (all of it when all were fitted on).
ValidationReport fitted_and_scored(const ServingRows& rows, const std::string& half, const CostSource& source, const std::optional<RowPredictor>& simulate,
                                   const ValidateOptions& options, Console& console) {
    const GroupHalf which = half == "all" ? GroupHalf::all : half == "even" ? GroupHalf::even : GroupHalf::odd;
    const RowPredictor predict = closed_form(source);
    // By the closed forms in either case: brought down by simulating, terms fit their own half better and the other one worse
    // (docs/calibration.md, "Engine terms").
    const EngineFit fit = fit_engine_terms(rows, which, predict);
    tell(fit, console);
    return validate_rows(with_terms(rows, fit, which != GroupHalf::all), simulate ? *simulate : predict, options);
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
    if (options.profile != kAutomaticProfile && options.profile != kNoProfile && options.profile != kBorrowedProfile) {
        if (const auto known = load_prior(options.profile, catalog); !known) return console.report(known.error());
    }
    const auto source = make_calibrated(make_roofline());
    const auto rows = load_serving_rows(file, catalog, {options.routing, options.model, options.gpu, options.engine, options.profile});
    if (!rows) return console.report(rows.error());
    const auto half = arguments.text("--fit-engines");
    const std::string method = arguments.text_or("--method", "analyse");
    ValidationReport report = [&] {
        Progress progress(console);
        RunControl control = progress.control();
        SimulateRowsOptions how{true, &control};
        if (half) control.progress = {};
        std::optional<RowPredictor> simulate;
        if (method == "simulate") simulate = by_simulation(*source, how);
        if (half) return fitted_and_scored(*rows, *half, *source, simulate, options, console);
        return validate_rows(*rows, simulate ? *simulate : closed_form(*source), options);
    }();
    report.file = file;
    report.cost_source = source->describe();
    report.method = method;
    ExitCode code = delivered(report, arguments, console);
    if (rows_file) code = worse(code, console.report(write_file_atomically(*rows_file, lines)));
    return code;
}

// The engine whose kernels a table is of; vLLM where it does not say.
const EngineSpec& engine_of(const KernelTable& table, const Catalog& catalog) {
    const std::string& named = table.set.engine;   // "TRTLLM 1.3.0"
    const EngineSpec* engine = catalog.engine(named.substr(0, named.find(' ')));
    return engine ? *engine : *catalog.engine("vllm");
}

ExitCode kernels(const Arguments& arguments, const Catalog& catalog, Console& console) {
    auto tables = read_tables({arguments.words()[1]}, arguments.text("--gpu"), catalog);
    if (!tables) return console.report(tables.error());
    for (const std::string& note : tables->notes) console.note(note);
    const std::string usual = fmt::format("{}-{}", tables->device->id, engine_of(tables->merged, catalog).id);
    const std::string name = arguments.text_or("--profile", usual);
    if (name == kBorrowedProfile) {
        const auto carried = catalog.borrowed_profile_for(*tables->device, engine_of(tables->merged, catalog));
        if (!carried) return console.report(carried.error());
        if (!*carried) return console.report({wrong_at("--profile", fmt::format("no measured device is near enough to {}", tables->device->name), "name a profile")});
        return delivered(score_profile(tables->merged, **carried, tables->device), arguments, console);
    }
    auto profile = load_prior(name, catalog);
    if (!profile) {
        Problems problems = profile.error();
        if (name == usual) problems.front().hint = "name one with --profile; --profile borrowed predicts by those of other devices";
        return console.report(problems);
    }
    return delivered(score_profile(tables->merged, *profile, tables->device), arguments, console);
}

// Options that another validation understands.
Problems out_of_place(const Arguments& arguments, const std::string& what) {
    struct Own {
        std::vector<std::string> whose;
        std::vector<const char*> options;
    };
    static const std::vector<Own> own{
        {{"serving"}, {"--method", "--fit-engines", "--rows"}},
        {{"serving", "requests"}, {"--model", "--engine"}},
        {{"requests"}, {"--count", "--layout", "--precision", "--kv", "--skew", "--max-sequences", "--token-budget",
                        "--memory-fraction", "--kv-blocks", "--engine-version", "--sampling", "--study", "--candidate", "--run", "--concurrency", "--rate", "--isl",
                        "--requests-out"}}};
    Problems problems;
    for (const Own& o : own) {
        if (std::ranges::find(o.whose, what) != o.whose.end()) continue;
        for (const char* option : o.options) {
            if (arguments.text(option)) {
                problems.push_back(wrong_at(option, fmt::format("validate {} does not know it", what),
                                            fmt::format("it belongs to `validate {}`", fmt::join(o.whose, "` and `validate "))));
            }
        }
    }
    return problems;
}

ExitCode validate(const Arguments& arguments, Console& console) {
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    const std::string& what = arguments.words()[0];
    if (auto problems = out_of_place(arguments, what); !problems.empty()) return console.report(problems);
    return what == "kernels"    ? kernels(arguments, *catalog, console)
           : what == "requests" ? validate_measured_requests(arguments, *catalog, console)
                                : serving(arguments, *catalog, console);
}

}  // namespace

Command validate_command() {
    return {.name = "validate",
            .summary = "Hold predictions against measurements: mean error, bias, coverage.",
            .doc =
                "serving takes a table of measured servers, a row each, and predicts every row from its "
                "model, GPU, engine, layout and load. "
                "Rows that cannot be predicted are counted with the reason. "
                "requests takes one run measured request by request (vLLM's or SGLang's benchmark with its details, GuideLLM, AIPerf, "
                "GenAI-Perf, llmperf, inference-perf, CSV or JSON lines), "
                "sends the same requests to the server simulated, and compares the distributions. "
                "kernels takes a table of measured kernels and predicts each by a profile.",
            .words = {{.name = "WHAT", .doc = "serving, requests or kernels", .at_least = 1, .choices = {"serving", "requests", "kernels"}},
                      {.name = "FILE",
                       .doc = "the measurements: forms as in docs/cli.md",
                       .at_least = 1,
                       .completes = Completes::files}},
            .options = {{.name = "--model",
                         .letter = "",
                         .value = "TEXT",
                         .doc = "serving: only rows whose model contains this; requests: the model measured."},
                        {.name = "--gpu",
                         .letter = "",
                         .value = "TEXT",
                         .doc = "serving: only rows whose GPU contains this; requests, kernels: the GPU measured."},
                        {.name = "--engine",
                         .letter = "",
                         .value = "TEXT",
                         .doc = "serving: only rows whose engine contains this; requests: the engine measured."},
                        {.name = "--profile",
                         .letter = "",
                         .value = "NAME|FILE",
                         .doc = "The profile to predict with, of the catalog or a file; none: the roofline alone (serving); borrowed: other devices', as for a GPU nobody "
                                "measured (serving, kernels).",
                         .completes = Completes::files},
                        {.name = "--method",
                         .letter = "",
                         .value = "HOW",
                         .doc = "serving: analyse, by closed forms (unless given), or simulate, request by request.",
                         .choices = {"analyse", "simulate"}},
                        {.name = "--fit-engines",
                         .letter = "",
                         .value = "HALF",
                         .doc = "serving: first fit the engines' terms, on every other group (model, GPU, engine) and score the rest, or on all.",
                         .choices = {"even", "odd", "all"}},
                        {.name = "--rows",
                         .letter = "",
                         .value = "FILE",
                         .doc = "Also write every row compared, with its prediction, as CSV.",
                         .completes = Completes::files,
                         .writes = true},
                        {.name = "--count", .letter = "", .value = "N", .doc = "requests: GPUs; those of the layout, or one, unless given."},
                        {.name = "--layout", .letter = "", .value = "\"tp=2 ep=2\"", .doc = "requests: how a replica is spread."},
                        {.name = "--precision", .letter = "", .value = "FORMAT", .doc = "requests: number format of the weights; as published unless given."},
                        {.name = "--kv", .letter = "", .value = "FORMAT", .doc = "requests: number format of the KV cache."},
                        {.name = "--skew", .letter = "", .value = "A", .doc = "requests: Zipf exponent of the routing; 0.6 unless given."},
                        {.name = "--max-sequences",
                         .letter = "",
                         .value = "N",
                         .doc = "requests: launched to run so many at a time (max_num_seqs, max_batch_size); the engine's own unless given."},
                        {.name = "--token-budget",
                         .letter = "",
                         .value = "N",
                         .doc = "requests: launched with so many tokens a step (max_num_batched_tokens); the engine's own unless given."},
                        {.name = "--memory-fraction",
                         .letter = "",
                         .value = "SHARE",
                         .doc = "requests: launched with this share of the memory, 0.9 (gpu_memory_utilization); the engine's own unless given."},
                        {.name = "--kv-blocks", .letter = "", .value = "N", .doc = "requests: blocks of cache that the server told to have; from its memory unless given."},
                        {.name = "--engine-version", .letter = "", .value = "V", .doc = "requests: the engine's version, 0.12.0, for its defaults of then; today's unless given."},
                        {.name = "--sampling",
                         .letter = "",
                         .value = "HOW",
                         .doc = "requests: greedy (unless given), or filtered, where tokens were drawn from the top k or top p: vLLM does so with what the model's "
                                "generation_config.json asks for, unless requests say otherwise.",
                         .choices = {"greedy", "filtered"}},
                        {.name = "--study", .letter = "", .value = "FILE", .doc = "requests: a study that describes the server, in place of these.", .completes = Completes::files},
                        {.name = "--candidate", .letter = "", .value = "NAME", .doc = "requests: which of the study's."},
                        {.name = "--run", .letter = "", .value = "N", .doc = "requests: which run of a file that holds several, from 1."},
                        {.name = "--concurrency",
                         .letter = "",
                         .value = "N",
                         .doc = "requests: so many were sent at a time, the next whenever one was answered; where the file does not tell."},
                        {.name = "--rate",
                         .letter = "",
                         .value = "R",
                         .doc = "requests: so many were sent a second; inf: all at once; where the file does not tell."},
                        {.name = "--isl", .letter = "", .value = "TOKENS", .doc = "requests: length of the prompts whose length the file does not tell."},
                        {.name = "--requests-out",
                         .letter = "",
                         .value = "FILE",
                         .doc = "requests: every request, measured and predicted, as CSV.",
                         .completes = Completes::files,
                         .writes = true},
                        format_option({"table", "json", "md"}),
                        output_option("Write to this file instead of standard output.")},
            .examples = {"moeplan validate serving measured.csv",
                         "moeplan validate serving measured.csv --engine vllm --method simulate",
                         "moeplan validate requests bench.json --model Qwen/Qwen3-32B --gpu rtx_pro_6000 --max-sequences 128",
                         "moeplan validate kernels h100-moe.csv --profile h100_sxm-vllm"},
            .run = validate};
}

}  // namespace moeplan::cli
