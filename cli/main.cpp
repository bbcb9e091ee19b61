// moeplan COMMAND [options]: finds the command, reads its options, runs it.

#include <cstdio>
#include <exception>

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "core/base/nearest.h"

namespace {

using namespace moeplan;
using namespace moeplan::cli;

// Before the options are parsed: messages about them are coloured too.
Colour colour_in(const std::vector<std::string>& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string value = words[i] == "--color" && i + 1 < words.size() ? words[i + 1]
                                  : words[i].starts_with("--color=")            ? words[i].substr(8)
                                                                                : "";
        if (value == "always") return Colour::always;
        if (value == "never") return Colour::never;
    }
    return Colour::automatic;
}

ExitCode without_command(const std::vector<std::string>& options, Console& console) {
    for (const auto& option : options) {
        if (option == "--version") {
            console.print("moeplan " MOEPLAN_VERSION "\n");
            return ExitCode::fine;
        }
        if (option == "--help" || option == "-h") {
            console.print(help_text(console));
            return ExitCode::fine;
        }
    }
    return console.report({{{}, {}, options.empty() ? "a command is missing" : fmt::format("'{}' is no command", options.front()), "`moeplan --help` lists them"}});
}

ExitCode dispatch(const std::vector<std::string>& words, Console& console) {
    auto [name, rest] = split_command(words);
    if (name == "help") std::tie(name, rest) = std::pair(rest.empty() ? "" : rest.front(), std::vector<std::string>{"--help"});
    if (name.empty()) return without_command(rest, console);
    const Command* command = find_command(name);
    if (!command) {
        std::vector<std::string> names;
        for (const auto& known : all_commands()) names.push_back(known.name);
        const std::string hint = did_you_mean(name, names);
        return console.report({{{}, {}, fmt::format("'{}' is no command", name), hint.empty() ? "one of " + one_of(names) : hint}});
    }
    const auto arguments = parse(*command, rest);
    if (!arguments) return console.report(arguments.error());
    if (arguments->has("--help")) {
        console.print(help_text(*command, console));
        return ExitCode::fine;
    }
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
        std::fprintf(stderr, "error: moeplan " MOEPLAN_VERSION " made a mistake: %s\n"
                             "Please report it with the command line and the files it reads.\n", error.what());
        return static_cast<int>(ExitCode::internal);
    }
}
