// moeplan calibrate import FILE…: measurements people have already, as a table to fit to.
#include <fmt/format.h>

#include "cli/commands/calibrate.h"
#include "cli/commands/calibrate_tables.h"
#include "cli/commands/commands.h"
#include "cli/session.h"
#include "core/base/nearest.h"
#include "core/calibrate/import_file.h"
#include "core/calibrate/import_record.h"
#include "sim/trace/unpacked_text.h"

namespace moeplan::cli {
namespace {

// What the command line says of all files, by the column it stands for in each of the two tables.
struct Told {
    std::optional<std::string> gpu, engine;
    ImportRow columns;
};

Result<Told> told_by(const Arguments& arguments, const Catalog& catalog) {
    Problems problems;
    Told told;
    if ((told.gpu = arguments.text("--gpu"))) {
        const DeviceSpec* device = catalog.device(*told.gpu);
        if (device) told.gpu = device->id;
        else
            problems.push_back(wrong_at("--gpu", fmt::format("'{}' is not in the catalog of GPUs", *told.gpu),
                                        did_you_mean(*told.gpu, catalog.device_ids())));
    }
    if ((told.engine = arguments.text("--engine"))) {
        std::vector<std::string> ids;
        for (const EngineSpec& engine : catalog.engines()) ids.push_back(engine.id);
        const EngineSpec* engine = catalog.engine(*told.engine);
        if (engine) told.engine = engine->id;
        else
            problems.push_back(wrong_at(
                "--engine", fmt::format("'{}' is not in the catalog of engines: {}", *told.engine, one_of(ids)),
                did_you_mean(*told.engine, ids)));
    }
    for (const std::string& setting : arguments.all("--set")) {
        const auto equals = setting.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == setting.size())
            problems.push_back(wrong_at("--set", fmt::format("'{}' is not of the form COLUMN=VALUE", setting)));
        else told.columns[setting.substr(0, equals)] = setting.substr(equals + 1);
    }
    if (!problems.empty()) return fail(std::move(problems));
    return told;
}

Problems complete(Imported& table, const Told& told, const Catalog& catalog) {
    const bool servers = table.target == ImportTarget::servers;
    ImportRow given = told.columns;
    if (told.gpu) given[servers ? "gpu" : "device"] = *told.gpu;
    if (told.engine) given[servers ? "engine" : "framework"] = *told.engine;
    Problems problems = complete_import(table, given);
    for (Problem& problem : problems) {
        problem.where = "--set";
        problem.path.clear();   // the sentence names the column
    }
    if (!servers) return problems;
    for (ImportRow& row : table.rows) {   // "NVIDIA H100 80GB HBM3" is h100_sxm to every other command
        if (const DeviceSpec* device = catalog.device(row["gpu"])) row["gpu"] = device->id;
    }
    return problems;
}

Result<Imported> read_all(const Arguments& arguments, const Told& told, const Catalog& catalog) {
    const auto as = arguments.text("--as");
    Problems problems;
    std::vector<Imported> parts;
    for (std::size_t i = 1; i < arguments.words().size(); ++i) {
        const std::string& file = arguments.words()[i];
        auto text = read_unpacked(file, kLargestImport, "measurements");
        auto part =
            text ? import_text(*text, file, as ? import_kind_named(*as) : std::nullopt) : tl::unexpected(text.error());
        if (!part) {
            append(problems, part.error());
            continue;
        }
        if (auto wrong = complete(*part, told, catalog); !wrong.empty() && problems.empty())
            problems = std::move(wrong);
        parts.push_back(std::move(*part));
    }
    if (!problems.empty()) return fail(std::move(problems));
    return merge_imports(std::move(parts));
}

void tell(const Imported& table, Console& console) {
    const bool servers = table.target == ImportTarget::servers;
    const std::size_t n = table.rows.size();
    console.note(fmt::format("{} {}{}", n, servers ? "measured serving row" : "measured kernel", n == 1 ? "" : "s"));
    tell_skipped(table.skipped, console);
    for (const std::string& note : table.notes) console.note(note);
    std::string unknown;
    for (const std::string& column : unknown_columns(table))
        unknown += fmt::format("{}{}", unknown.empty() ? "" : ", ", column);
    if (!unknown.empty())
        console.note(fmt::format(
            "the files do not say: {}; rows without are flagged and `moeplan validate serving` passes over them. "
            "Say it with --gpu, --engine or --set COLUMN=VALUE",
            unknown));
}

ExitCode import(const Arguments& arguments, Console& console) {
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    const auto told = told_by(arguments, *catalog);
    if (!told) return console.report(told.error());
    const auto table = read_all(arguments, *told, *catalog);
    if (!table) return console.report(table.error());
    tell(*table, console);
    if (table->rows.empty()) return console.report({wrong("nothing in these files can stand in a table")});
    return deliver(write_import(*table), arguments.text("--output"), console);
}

}  // namespace

CalibrateWord calibrate_import_word() {
    std::string kinds;
    for (const ImportKind kind : all_import_kinds())
        kinds += fmt::format("{}{}: {}", kinds.empty() ? "" : "; ", name_of(kind), doc_of(kind));
    return {.name = "import",
            .doc = "bring in what other benchmarks measured, as a table",
            .least_files = 1,
            .most_files = 1000,
            .options = {{.name = "--as",
                         .letter = "",
                         .value = "KIND",
                         .doc = "What the files are, when their content does not tell. " + kinds + ".",
                         .choices = import_kind_names()},
                        gpu_option(),
                        {.name = "--engine",
                         .letter = "",
                         .value = "ENGINE",
                         .doc = "The engine measured, as in the catalog; otherwise as the files name it.",
                         .completes = Completes::engines},
                        {.name = "--set",
                         .letter = "",
                         .value = "COLUMN=VALUE",
                         .doc = "What the files do not say, for every row of the table: tp=8, moe_ep=8, model=ID, "
                                "moe_dtype=fp8_block.",
                         .many = true},
                        output_option("Write to this file instead of standard output.")},
            .run = import};
}

}  // namespace moeplan::cli
