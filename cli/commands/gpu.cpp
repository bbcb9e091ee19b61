// moeplan gpu [NAME]: the devices of the catalog, or one of them with every datum and its source.
#include <fmt/format.h>

#include "cli/columns.h"
#include "cli/commands/commands.h"
#include "cli/commands/gpu_sheet.h"
#include "cli/session.h"
#include "core/base/nearest.h"

namespace moeplan::cli {
namespace {

ExitCode show_gpu(const Arguments& arguments, Console& console) {
    const auto catalog = chosen_catalog(arguments);
    if (!catalog) return console.report(catalog.error());
    const bool json = arguments.text_or("--format", "table") == "json";
    if (arguments.words().empty()) {
        console.print(json ? gpus_json(*catalog) : gpus_table(*catalog, console));
        return ExitCode::fine;
    }
    const std::string& name = arguments.words().front();
    const DeviceSpec* device = catalog->device(name);
    if (!device) {
        const std::string hint = did_you_mean(name, catalog->device_ids());
        return console.report({wrong(fmt::format("'{}' is no GPU of the catalog", name),
                                     hint.empty() ? "`moeplan gpu` lists them" : hint)});
    }
    console.print(json ? gpu_json(*device, *catalog) : gpu_sheet(*device, *catalog, console));
    return ExitCode::fine;
}

}  // namespace

Command gpu_command() {
    return {
        .name = "gpu",
        .summary = "List the GPUs, or look at one: every figure with its source, and what an hour costs.",
        .doc = "",
        .words = {{.name = "NAME", .doc = "a GPU of the catalog: h100_sxm", .completes = Completes::gpus}},
        .options = {format_option({"table", "json"})},
        .examples = {"moeplan gpu", "moeplan gpu h100_sxm"},
        .run = show_gpu};
}

}  // namespace moeplan::cli
