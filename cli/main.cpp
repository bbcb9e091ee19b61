// moeplan COMMAND [options]: finds the command, reads its options, runs it.

#include <cstdio>
#include <exception>

#include <fmt/format.h>

#include "cli/help.h"
#include "cli/parse.h"
#include "core/base/nearest.h"

namespace {

using namespace moeplan;
using namespace moeplan::cli;

ExitCode print(const std::string& text, Console& console) {
    console.print(text);
    return ExitCode::fine;
}

ExitCode without_command(const std::vector<std::string>& options, Console& console) {
    for (const auto& option : options) {
        if (option == "--version") return print("moeplan " MOEPLAN_VERSION "\n", console);
        if (option == "--help" || option == "-h") return print(help_text(console), console);
    }
    const std::string what =
        options.empty() ? "a command is missing" : fmt::format("'{}' is no command", options[0]);
    return console.report({wrong(what, "`moeplan --help` lists them")});
}

ExitCode unknown_command(const std::string& name, Console& console) {
    std::vector<std::string> names;
    for (const auto& known : all_commands()) names.push_back(known.name);
    const std::string hint = did_you_mean(name, names);
    const std::string what = fmt::format("'{}' is no command", name);
    return console.report({wrong(what, hint.empty() ? "one of " + one_of(names) : hint)});
}

ExitCode dispatch(const std::vector<std::string>& words, Console& console) {
    auto [name, rest] = split_command(words);
    if (name == "help") {   // `moeplan help run` is `moeplan run --help`
        name = rest.empty() ? "" : rest.front();
        rest = {"--help"};
    }
    if (name.empty()) return without_command(rest, console);
    const Command* command = find_command(name);
    if (!command) return unknown_command(name, console);
    const auto arguments = parse(*command, rest);
    if (!arguments) return console.report(arguments.error());
    if (arguments->has("--help")) return print(help_text(*command, console), console);
    return command->run(*arguments, console);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        guard_streams();
        const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
        Console console(colour_in(words));
        const ExitCode code = dispatch(words, console);
        return static_cast<int>(console.ok() ? code : worse(code, ExitCode::wrong_input));
    } catch (const std::exception& error) {
        std::fprintf(stderr,
                     "error: moeplan " MOEPLAN_VERSION
                     " made a mistake: %s\n"
                     "Please report it with the command line and the files it reads.\n",
                     error.what());
        return static_cast<int>(ExitCode::internal);
    }
}
