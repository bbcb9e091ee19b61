// moeplan calibrate [run|…]: hands on to the file of the word.
#include <algorithm>

#include <fmt/format.h>

#include "cli/commands/calibrate.h"
#include "cli/commands/commands.h"
#include "core/base/nearest.h"

namespace moeplan::cli {
namespace {

// The first is meant when none is typed.
const std::vector<CalibrateWord>& calibrate_words() {
    static const std::vector<CalibrateWord> words{calibrate_run_word(),      calibrate_fit_word(),
                                                  calibrate_evaluate_word(), calibrate_sample_word(),
                                                  calibrate_import_word(),   calibrate_report_word(),
                                                  calibrate_verify_word()};
    return words;
}

// An option of several words takes what any of them takes; misplaced() knows what this one does.
void add_choices(Option& option, const std::vector<std::string>& choices) {
    for (const std::string& choice : choices) {
        if (std::ranges::find(option.choices, choice) == option.choices.end()) option.choices.push_back(choice);
    }
}

std::vector<Option> all_options() {
    std::vector<Option> options;
    for (const auto& word : calibrate_words()) {
        for (const auto& option : word.options) {
            const auto known = std::ranges::find(options, option.name, &Option::name);
            if (known == options.end()) options.push_back(option);
            else add_choices(*known, option.choices);
        }
    }
    return options;
}

// A value that is another word's to take.
Problems misplaced_choices(const CalibrateWord& word, const Arguments& arguments) {
    Problems problems;
    for (const auto& option : word.options) {
        const auto value = option.choices.empty() ? std::nullopt : arguments.text(option.name);
        if (value && std::ranges::find(option.choices, *value) == option.choices.end())
            problems.push_back(
                wrong_at(option.name, fmt::format("expected one of {}, found '{}'", one_of(option.choices), *value)));
    }
    return problems;
}

Problems misplaced(const CalibrateWord& word, const Arguments& arguments) {
    Problems problems = misplaced_choices(word, arguments);
    for (const auto& option : all_options()) {
        if (!arguments.has(option.name) ||
            std::ranges::find(word.options, option.name, &Option::name) != word.options.end())
            continue;
        problems.push_back(wrong_at(option.name, fmt::format("is no option of `moeplan calibrate {}`", word.name)));
    }
    const std::size_t files = arguments.words().empty() ? 0 : arguments.words().size() - 1;
    if (files > word.most_files)
        problems.push_back(wrong(fmt::format("'{}' is one word too many for `moeplan calibrate {}`",
                                             arguments.words()[word.most_files + 1], word.name)));
    if (files < word.least_files)
        problems.push_back(wrong(fmt::format("`moeplan calibrate {}` needs a file", word.name)));
    return problems;
}

ExitCode dispatch(const Arguments& arguments, Console& console) {
    const std::string name = arguments.words().empty() ? calibrate_words().front().name : arguments.words().front();
    const auto word = std::ranges::find(calibrate_words(), name, &CalibrateWord::name);  // parse() knows the choices
    if (auto problems = misplaced(*word, arguments); !problems.empty()) return console.report(problems);
    return word->run(arguments, console);
}

Positional what() {
    Positional positional{.name = "WHAT", .doc = {}, .choices = {}};
    for (const auto& word : calibrate_words()) {
        positional.doc += fmt::format("{}{}: {}", positional.doc.empty() ? "" : "; ", word.name, word.doc);
        positional.choices.push_back(word.name);
    }
    return positional;
}

}  // namespace

Command calibrate_command() {
    std::vector<Positional> words{what()};
    std::size_t files = 0;
    for (const auto& word : calibrate_words()) files = std::max(files, word.most_files);
    if (files > 0)
        words.push_back({.name = "FILE", .doc = "what it works on", .at_most = files, .completes = Completes::files});
    return {.name = "calibrate",
            .summary = "Measure a device's kernels and fit a profile that predicts with an interval.",
            .doc =
                "Asks a probe worker to run the kernels of a model where a measurement tells most, for as long as the "
                "budget says. "
                "Everything measured is kept in a journal: a run that was stopped or killed goes on with --resume. "
                "Any command that speaks the probe protocol can be the worker, on any machine: --worker \"ssh gpu01 "
                "moeplan-probe-cuda\".",
            .words = std::move(words),
            .options = all_options(),
            .examples = {"moeplan calibrate --budget 5m -o this-machine.json",
                         "moeplan calibrate --worker \"ssh gpu01 moeplan-probe-cuda\" --study chat.yaml -o gpu01.json",
                         "moeplan calibrate --resume -o this-machine.json"},
            .run = dispatch};
}

}  // namespace moeplan::cli
