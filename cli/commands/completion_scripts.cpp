#include "cli/commands/completion_scripts.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/commands/kinds.h"

namespace moeplan::cli {
namespace {

std::vector<Option> options_of(const Command& command) {
    auto options = command.options;
    options.insert(options.end(), common_options().begin(), common_options().end());
    return options;
}

std::string list_command(Completes completes) {
    switch (completes) {
        case Completes::models:
            return "moeplan describe models --format names 2>/dev/null";
        case Completes::gpus:
            return "moeplan describe gpus --format names 2>/dev/null";
        case Completes::engines:
            return "moeplan describe engines --format names 2>/dev/null";
        case Completes::nothing:
        case Completes::files:
            break;
    }
    return {};
}

// The words that may stand first behind a command.
std::vector<std::string> word_choices(const Command& command) {
    if (command.name == "describe") {
        std::vector<std::string> names;
        for (const auto& kind : all_kinds()) names.push_back(kind.name);
        return names;
    }
    return command.words.empty() ? std::vector<std::string>{} : command.words.front().choices;
}

Completes word_completes(const Command& command) {
    return command.words.empty() ? Completes::nothing : command.words.back().completes;
}

std::string bash_values(const Option& option) {
    if (!option.choices.empty())
        return fmt::format("compgen -W '{}' -- \"$cur\"", fmt::join(option.choices, " "));
    if (const auto list = list_command(option.completes); !list.empty())
        return fmt::format("compgen -W \"$({})\" -- \"$cur\"", list);
    return option.completes == Completes::files ? "compgen -f -- \"$cur\"" : "";
}

std::string bash_case(const Command& command) {
    std::string out = fmt::format("    {})\n        case $prev in\n", command.name);
    std::string names;
    for (const auto& option : options_of(command)) {
        names += option.name + " ";
        if (option.value.empty()) continue;
        const auto values = bash_values(option);
        const auto pattern = option.letter.empty() ? option.name : option.name + "|" + option.letter;
        out += fmt::format("        {}) {}return;;\n", pattern,
                           values.empty() ? "" : fmt::format("mapfile -t COMPREPLY < <({}); ", values));
    }
    names.pop_back();
    out += "        esac\n        if [[ $cur == -* ]]; then mapfile -t COMPREPLY < <(compgen -W '" + names +
           "' -- \"$cur\"); return; fi\n";
    const auto choices = word_choices(command);
    const auto list = list_command(word_completes(command));
    if (!choices.empty())
        out += fmt::format(
            "        if [[ $COMP_CWORD -eq 2 ]]; then mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\"); "
            "return; fi\n",
            fmt::join(choices, " "));
    if (!list.empty())
        out += fmt::format(
            "        mapfile -t COMPREPLY < <(compgen -W \"$({})\" -- \"$cur\"; compgen -f -- \"$cur\")\n",
            list);
    else if (word_completes(command) == Completes::files)
        out += "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n";
    return out + "        ;;\n";
}

// In single quotes of a shell, without what zsh and fish read as marks.
std::string quoted(std::string text) {
    std::erase_if(text, [](char c) { return c == '\'' || c == '[' || c == ']' || c == '"' || c == '`'; });
    std::ranges::replace(text, ':', ',');
    return text;
}

std::string zsh_action(Completes completes, const std::vector<std::string>& choices) {
    if (!choices.empty()) return fmt::format("({})", fmt::join(choices, " "));
    if (const auto list = list_command(completes); !list.empty())
        return fmt::format("{{compadd -- ${{(f)\"$({})\"}}; _files}}", list);
    return completes == Completes::files ? "_files" : " ";
}

std::string zsh_option(const Option& option) {
    const std::string value =
        option.value.empty()
            ? ""
            : fmt::format(":{}:{}", quoted(option.value), zsh_action(option.completes, option.choices));
    const std::string many = option.many ? "*" : "";
    std::string out =
        fmt::format("            '{}{}[{}]{}' \\\n", many, option.name, quoted(option.doc), value);
    if (!option.letter.empty())
        out += fmt::format("            '{}{}[{}]{}' \\\n", many, option.letter, quoted(option.doc), value);
    return out;
}

}  // namespace

std::string bash_completion() {
    std::string names;
    for (const auto& command : all_commands()) names += command.name + " ";
    std::string out =
        "# Completes moeplan in bash.\n_moeplan() {\n    local cur=${COMP_WORDS[COMP_CWORD]} "
        "prev=${COMP_WORDS[COMP_CWORD-1]}\n"
        "    COMPREPLY=()\n    if [[ $COMP_CWORD -eq 1 ]]; then\n        mapfile -t COMPREPLY < <(compgen -W "
        "'" +
        names + "--help --version' -- \"$cur\")\n        return\n    fi\n    case ${COMP_WORDS[1]} in\n";
    for (const auto& command : all_commands()) out += bash_case(command);
    return out + "    esac\n}\ncomplete -o filenames -F _moeplan moeplan\n";
}

std::string zsh_completion() {
    std::string out =
        "#compdef moeplan\n# Completes moeplan in zsh.\n_moeplan() {\n    if (( CURRENT == 2 )); then\n      "
        "  local -a commands=(\n";
    for (const auto& command : all_commands())
        out += fmt::format("            '{}:{}'\n", command.name, quoted(command.summary));
    out +=
        "        )\n        _describe command commands\n        _arguments '--version[Print the version.]' "
        "'--help[Explain the commands.]'\n        return\n    fi\n"
        "    local command=$words[2]\n    shift words\n    (( CURRENT-- ))\n    case $command in\n";
    for (const auto& command : all_commands()) {
        out += fmt::format("    {})\n        _arguments \\\n", command.name);
        for (const auto& option : options_of(command)) out += zsh_option(option);
        const auto choices = word_choices(command);
        if (!choices.empty()) out += fmt::format("            '1: :({})' \\\n", fmt::join(choices, " "));
        out += fmt::format("            '*: :{}'\n        ;;\n", zsh_action(word_completes(command), {}));
    }
    return out +
           "    esac\n}\nif [[ $zsh_eval_context[-1] == loadautofunc ]]; then _moeplan \"$@\"; else compdef "
           "_moeplan moeplan; fi\n";
}

std::string fish_completion() {
    std::string out = "# Completes moeplan in fish.\ncomplete -c moeplan -f\n";
    for (const auto& command : all_commands()) {
        out += fmt::format("complete -c moeplan -n __fish_use_subcommand -a {} -d '{}'\n", command.name,
                           quoted(command.summary));
    }
    out += "complete -c moeplan -n __fish_use_subcommand -l version -d 'Print the version.'\n";
    for (const auto& command : all_commands()) {
        const std::string here =
            fmt::format("complete -c moeplan -n '__fish_seen_subcommand_from {}'", command.name);
        for (const auto& option : options_of(command)) {
            out += here + " -l " + option.name.substr(2);
            if (!option.letter.empty()) out += " -s " + option.letter.substr(1);
            if (!option.value.empty()) out += " -r";
            const auto list = list_command(option.completes);
            if (!option.choices.empty()) out += fmt::format(" -a '{}'", fmt::join(option.choices, " "));
            else if (!list.empty()) out += fmt::format(" -a '({})'", list);
            else if (option.completes == Completes::files) out += " -F";
            out += fmt::format(" -d '{}'\n", quoted(option.doc));
        }
        const auto choices = word_choices(command);
        const auto list = list_command(word_completes(command));
        if (!choices.empty()) out += here + fmt::format(" -a '{}'\n", fmt::join(choices, " "));
        if (!list.empty()) out += here + fmt::format(" -a '({})' -F\n", list);
        else if (word_completes(command) == Completes::files) out += here + " -F\n";
    }
    return out;
}

}  // namespace moeplan::cli
