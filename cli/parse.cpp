#include "cli/parse.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "core/base/nearest.h"

namespace moeplan::cli {
namespace {

using Values = std::map<std::string, std::vector<std::string>, std::less<>>;

std::vector<Option> options_of(const Command& command) {
    std::vector<Option> options = command.options;
    options.insert(options.end(), common_options().begin(), common_options().end());
    return options;
}

void declare(CLI::App& app, const Option& option, std::vector<std::string>& into) {
    const std::string names = option.letter.empty() ? option.name : option.letter + "," + option.name;
    if (option.value.empty()) {
        app.add_flag_callback(names, [&into] { into.push_back("yes"); });
    } else {
        app.add_option(names, into)
            ->allow_extra_args(false)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
}

Problem unknown_option(const Command& command, const std::string& word) {
    std::vector<std::string> names;
    for (const auto& option : options_of(command)) names.push_back(option.name);
    std::string hint = did_you_mean(word.substr(0, word.find('=')), names);
    if (hint.empty()) hint = fmt::format("`moeplan {} --help` lists them", command.name);
    return wrong(fmt::format("'{}' has no option '{}'", "moeplan " + command.name, word), hint);
}

Problem missing_value(const std::vector<Option>& options, const std::string& message) {
    const std::string name = message.substr(0, message.find(':'));
    const auto option = std::ranges::find(options, name, &Option::name);
    if (option == options.end()) return wrong(message);
    return wrong_at(name, option->value.empty() ? "takes no value"
                                                : fmt::format("expected {}, found nothing", option->value));
}

// CLI11 leaves over everything that is no option: words, unknown options, and what follows "--".
std::vector<std::string> words_of(const Command& command, const std::vector<std::string>& left,
                                  Problems& problems) {
    std::vector<std::string> words;
    bool only_words = false;
    for (const auto& word : left) {
        if (!only_words && word == "--") only_words = true;
        else if (!only_words && word.size() > 1 && word.front() == '-')
            problems.push_back(unknown_option(command, word));
        else words.push_back(word);
    }
    return words;
}

void check_values(const std::vector<Option>& options, const Values& values, Problems& problems) {
    for (const auto& option : options) {
        const auto& given = values.find(option.name)->second;
        if (given.size() > 1 && !option.many && !option.value.empty()) {
            problems.push_back(
                wrong_at(option.name, fmt::format("given {} times", given.size()), "give it once"));
        }
        for (const auto& value : given) {
            if (!option.value.empty() && value.empty()) {
                problems.push_back(
                    wrong_at(option.name, fmt::format("expected {}, found nothing", option.value)));
            } else if (!option.choices.empty() && !option.open &&
                       std::ranges::find(option.choices, value) == option.choices.end()) {
                problems.push_back(wrong_at(
                    option.name, fmt::format("expected one of {}, found '{}'", one_of(option.choices), value),
                    did_you_mean(value, option.choices)));
            }
        }
    }
}

void check_words(const Command& command, const std::vector<std::string>& words, Problems& problems) {
    std::size_t least = 0, most = 0;
    for (const auto& positional : command.words) {
        if (words.size() < least + positional.at_least) {
            problems.push_back(wrong(
                fmt::format("'moeplan {}' needs {}: {}", command.name, positional.name, positional.doc),
                command.examples.empty() ? "" : fmt::format("for example `{}`", command.examples.front())));
            return;
        }
        if (!positional.choices.empty() && words.size() > least &&
            std::ranges::find(positional.choices, words[least]) == positional.choices.end()) {
            problems.push_back(
                wrong(fmt::format("expected one of {}, found '{}'", one_of(positional.choices), words[least]),
                      did_you_mean(words[least], positional.choices)));
        }
        least += positional.at_least;
        most += std::min(positional.at_most, std::size_t{1'000'000});
    }
    if (words.size() > most) {
        problems.push_back(
            wrong(fmt::format("'{}' is one word too many for 'moeplan {}'", words[most], command.name),
                  fmt::format("`moeplan {} --help` shows what it takes", command.name)));
    }
}

// Also where neither is there yet.
bool same_file(const std::string& a, const std::string& b) {
    namespace fs = std::filesystem;
    std::error_code none, other;
    if (a.empty() || b.empty() || a == "-" || b == "-") return false;
    if (fs::exists(a, none) || fs::exists(b, none)) return fs::is_regular_file(a, none) && fs::equivalent(a, b, none) && !none;
    return fs::weakly_canonical(fs::absolute(a, none), other) == fs::weakly_canonical(fs::absolute(b, none), other) && !none && !other;
}

// A calibration's answers, which only a device can give again.
bool is_journal(const std::string& file) {
    constexpr std::string_view kBegins = R"({"moeplan_journal")";
    std::string begins(kBegins.size(), '\0');
    std::error_code none;
    std::ifstream in;
    if (std::filesystem::is_regular_file(file, none)) in.open(file, std::ios::binary);
    return in.is_open() && in.read(begins.data(), static_cast<std::streamsize>(begins.size())) && begins == kBegins;
}

// What a command reads, or writes elsewhere, is not where its output goes: nothing measured is lost for a slip.
void check_outputs(const std::vector<Option>& options, const std::vector<std::string>& words, const Values& values, Problems& problems) {
    const auto is_output = [&](const std::string& name) { return std::ranges::any_of(options, [&](const Option& o) { return o.writes && o.name == name; }); };
    for (const auto& [option, files] : values) {
        if (!is_output(option)) continue;
        for (const std::string& file : files) {
            const auto clashes = [&](const std::string& other) { return same_file(file, other); };
            if (is_journal(file)) {
                problems.push_back(wrong_at(option, fmt::format("'{}' holds what a calibration measured and would be overwritten", file), "name another file"));
            }
            if (std::ranges::any_of(words, clashes)) {
                problems.push_back(wrong_at(option, fmt::format("'{}' is read by this command and would be overwritten", file), "name another file"));
            }
            for (const auto& [other, theirs] : values) {
                if (other != option && (!is_output(other) || option < other) && std::ranges::any_of(theirs, clashes)) {
                    problems.push_back(wrong_at(option, fmt::format("'{}' is {}'s file too and would be overwritten", file, other), "name another file"));
                }
            }
        }
    }
}

}  // namespace

Result<Arguments> parse(const Command& command, std::vector<std::string> words) {
    CLI::App app;
    app.set_help_flag("");
    app.allow_extras();
    const auto options = options_of(command);
    Values values;
    for (const auto& option : options) declare(app, option, values[option.name]);
    std::ranges::reverse(words);   // CLI11 takes them from the back
    try {
        app.parse(words);
    } catch (const CLI::ArgumentMismatch& error) {   // "--set: 1 required TEXT missing"
        return fail(missing_value(options, error.what()));
    } catch (const CLI::ParseError& error) {
        return fail(
            wrong(error.what(), fmt::format("`moeplan {} --help` explains its options", command.name)));
    }
    Problems problems;
    auto rest = words_of(command, app.remaining(), problems);
    check_values(options, values, problems);
    const bool wants_help = !values["--help"].empty();
    if (!wants_help) check_words(command, rest, problems);
    if (!wants_help && problems.empty()) check_outputs(options, rest, values, problems);
    if (!problems.empty()) return fail(std::move(problems));
    return Arguments(std::move(rest), std::move(values));
}

Split split_command(const std::vector<std::string>& words) {
    Split split;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (split.command.empty() && (word.empty() || word.front() != '-')) {
            split.command = word.empty() ? " " : word;
            continue;
        }
        split.rest.push_back(word);
        if (!split.command.empty()) continue;
        const auto option = std::ranges::find(common_options(), word, &Option::name);
        const bool takes_value = option != common_options().end() && !option->value.empty();
        if (takes_value && i + 1 < words.size()) split.rest.push_back(words[++i]);
    }
    return split;
}

}  // namespace moeplan::cli
