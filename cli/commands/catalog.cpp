// The table of commands: a new one is one file and one line.
#include <algorithm>

#include "cli/commands/commands.h"

namespace moeplan::cli {

const std::vector<Command>& all_commands() {
    static const std::vector<Command> commands{
        run_command(),  compare_command(),  check_command(),     sweep_command(),    model_command(),      gpu_command(),
        init_command(), describe_command(), calibrate_command(), validate_command(), completion_command(),
    };
    return commands;
}

const Command* find_command(std::string_view name) {
    const auto found = std::ranges::find(all_commands(), name, &Command::name);
    return found == all_commands().end() ? nullptr : &*found;
}

const std::vector<Option>& common_options() {
    static const std::vector<Option> options{
        {.name = "--catalog",
         .letter = "",
         .value = "DIR",
         .doc = "A folder of models, GPUs, engines, prices and scores that add to the built-in ones and "
                "replace them by name. "
                "The variable MOEPLAN_CATALOG names one for good.",
         .completes = Completes::files},
        {.name = "--color",
         .letter = "",
         .value = "WHEN",
         .doc = "Colour, which otherwise follows the terminal and NO_COLOR.",
         .choices = {"auto", "always", "never"}},
        {.name = "--help", .letter = "-h", .value = "", .doc = "Explain the command."},
    };
    return options;
}

std::vector<std::string> report_formats() {
    std::vector<std::string> names;
    for (const auto& writer : writer_catalog()) names.emplace_back(writer.name);
    return names;
}

Option format_option(std::vector<std::string> choices) {
    return {.name = "--format",
            .letter = "-f",
            .value = "FORMAT",
            .doc = "Form of the output; table unless given.",
            .choices = std::move(choices)};
}

Option output_option(std::string doc, std::string value) {
    return {.name = "--output",
            .letter = "-o",
            .value = std::move(value),
            .doc = std::move(doc),
            .completes = Completes::files,
            .writes = true};
}

}  // namespace moeplan::cli
