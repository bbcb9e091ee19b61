// moeplan model [MODEL]: what a person wants to know first about a model, or the list of models.
#include <fmt/format.h>

#include "cli/columns.h"
#include "cli/commands/commands.h"
#include "cli/commands/model_sheet.h"
#include "cli/session.h"
#include "core/base/nearest.h"
#include "core/report/format.h"

namespace moeplan::cli {
namespace {

struct Listed {
    std::string id, kind;
    double total = 0, active = 0;
};

Result<std::vector<Listed>> listed_models(const Catalog& catalog) {
    std::vector<Listed> rows;
    Problems problems;
    for (const auto& entry : catalog.models()) {
        const auto model = find_model(catalog, entry.id);
        if (!model) {
            append(problems, model.error());
            continue;
        }
        const auto count = count_parameters(*model);
        const MoeFfn* moe = model->moe();
        rows.push_back({entry.id, moe ? fmt::format("MoE {} top-{}", moe->experts, moe->top_k) : "dense",
                        count.total, count.active_all});
    }
    if (!problems.empty()) return fail(std::move(problems));
    return rows;
}

ExitCode list_models(const Catalog& catalog, const std::string& format, Console& console) {
    const auto models = listed_models(catalog);
    if (!models) return console.report(models.error());
    if (format == "json") {
        Document::List list;
        for (const auto& m : *models)
            list.push_back(Document::Map{
                {"id", m.id}, {"kind", m.kind}, {"params_total", m.total}, {"params_active", m.active}});
        console.print(write_document_json(Document::Map{{"models", list}}));
        return ExitCode::fine;
    }
    Columns columns({Align::left, Align::right, Align::right, Align::left});
    columns.heading({"model", "total", "active", "kind"});
    for (const auto& m : *models) columns.add({m.id, billions(m.total), billions(m.active), m.kind});
    console.print(columns.text(console));
    return ExitCode::fine;
}

ExitCode show_model(const Arguments& arguments, Console& console) {
    Problems problems;
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    const std::string format = arguments.text_or("--format", "table");
    if (arguments.words().empty()) return list_models(*catalog, format, console);
    const auto model = find_model(*catalog, arguments.words().front());
    if (!model) append(problems, model.error());
    const auto context = arguments.number("--context", 1, 1e9, problems);
    std::optional<NumberFormat> number_format;
    if (const auto name = arguments.text("--precision"); name && *name != "native")
        number_format = number_format_named(*name);
    if (!problems.empty()) return console.report(problems);
    const ModelQuestion question{*model, catalog->model(arguments.words().front()), number_format, context};
    console.print(format == "json" ? write_metrics_json(model_metrics(question))
                                   : model_sheet(question, *catalog, console));
    return ExitCode::fine;
}

}  // namespace

Command model_command() {
    auto formats = number_format_names();
    formats.insert(formats.begin(), "native");
    return {.name = "model",
            .summary = "Look at a model: parameters, layers, KV cache, weights, the GPUs it fits on.",
            .doc = "Without a MODEL the catalog is listed.",
            .words = {{.name = "MODEL",
                       .doc = "a name of the catalog, a config.json, the folder it lies in, or a .gguf",
                       .completes = Completes::models}},
            .options = {{.name = "--precision",
                         .letter = "-p",
                         .value = "FORMAT",
                         .doc = "Number format of the weights; as published unless given.",
                         .choices = std::move(formats)},
                        {.name = "--context",
                         .letter = "-c",
                         .value = "TOKENS",
                         .doc = "Also show the cache and the compute at this context."},
                        format_option({"table", "json"})},
            .examples = {"moeplan model mixtral-8x7b",
                         "moeplan model ./my-model/config.json --precision int4_g128 --context 32768"},
            .run = show_model};
}

}  // namespace moeplan::cli
