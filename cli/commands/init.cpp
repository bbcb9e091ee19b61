// moeplan init: a commented study to start from.
#include <filesystem>

#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/starter.h"
#include "cli/session.h"

namespace moeplan::cli {
namespace {

ExitCode write_starter(const Arguments& arguments, Console& console) {
    const std::string file = arguments.words().empty() ? "study.yaml" : arguments.words().front();
    std::error_code error;
    if (file != "-" && std::filesystem::exists(file, error) && !arguments.has("--force")) {
        return console.report({wrong_at(file, "is already there and is left alone", "--force replaces it")});
    }
    const ExitCode code = deliver(starter_study(), file, console);
    if (code == ExitCode::fine && file != "-")
        console.note(fmt::format("{} is written; `moeplan run {}` answers it", file, file));
    return code;
}

}  // namespace

Command init_command() {
    return {.name = "init",
            .summary = "Write a commented study to start from.",
            .doc = "",
            .words = {{.name = "FILE",
                       .doc = "where to; study.yaml unless given, - for standard output",
                       .completes = Completes::files}},
            .options = {{.name = "--force",
                         .letter = "",
                         .value = "",
                         .doc = "Replace the file when it is there already."}},
            .examples = {"moeplan init", "moeplan init chat.yaml"},
            .run = write_starter};
}

}  // namespace moeplan::cli
