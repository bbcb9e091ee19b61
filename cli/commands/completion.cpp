// moeplan completion SHELL: completion scripts, made from the commands themselves.
#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/completion_scripts.h"
#include "cli/session.h"

namespace moeplan::cli {
namespace {

ExitCode write_completion(const Arguments& arguments, Console& console) {
    const std::string& shell = arguments.words().front();
    return deliver(shell == "bash"  ? bash_completion()
                   : shell == "zsh" ? zsh_completion()
                                    : fish_completion(),
                   arguments.text("--output"), console);
}

}  // namespace

Command completion_command() {
    return {.name = "completion",
            .summary = "Print the script that completes commands, options and names in a shell.",
            .doc =
                "For this session: source <(moeplan completion bash). For good: write it to where your shell "
                "looks for completions.",
            .words = {{.name = "SHELL",
                       .doc = "bash, zsh or fish",
                       .at_least = 1,
                       .choices = {"bash", "zsh", "fish"}}},
            .options = {output_option("Write to this file instead of standard output.")},
            .examples = {"moeplan completion bash",
                         "moeplan completion fish -o ~/.config/fish/completions/moeplan.fish"},
            .run = write_completion};
}

}  // namespace moeplan::cli
