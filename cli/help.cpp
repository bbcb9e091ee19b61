#include "cli/help.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/report/format.h"
#include "core/report/text_width.h"

namespace moeplan::cli {
namespace {

// "  left      right, wrapped" with the right column at `indent`.
std::string entry(const std::string& left, int indent, const std::string& right, int width) {
    std::string out = "  " + left;
    const bool own_line = display_width(left) + 4 > indent;
    if (own_line) out += "\n";
    bool first = !own_line;
    for (const auto& line : wrapped(right, std::max(20, width - indent))) {
        out += (first ? padded("", indent - 2 - display_width(left)) : padded("", indent)) + line + "\n";
        first = false;
    }
    return out;
}

std::string option_head(const Option& option) {
    std::string head = option.letter.empty() ? option.name : option.letter + ", " + option.name;
    if (!option.value.empty()) head += " " + option.value;
    return head;
}

std::string option_doc(const Option& option) {
    std::string doc = option.doc;
    if (!option.choices.empty()) doc += fmt::format(" One of {}.", fmt::join(option.choices, ", "));
    if (option.many) doc += " May be repeated.";
    return doc;
}

std::string options_block(const std::vector<Option>& options, int width) {
    std::string out;
    for (const auto& option : options) out += entry(option_head(option), 26, option_doc(option), width);
    return out;
}

std::string usage_of(const Command& command) {
    std::string usage = "moeplan " + command.name;
    for (const auto& word : command.words) {
        const std::string name = word.name + (word.at_most > 1 ? "…" : "");
        usage += word.at_least > 0 ? " " + name : " [" + name + "]";
    }
    return usage + " [options]";
}

std::string paragraph(const std::string& text, int width) {
    std::string out;
    for (const auto& line : wrapped(text, width)) out += line + "\n";
    return out;
}

std::string in_glyphs(std::string text, const Console& console) {
    return console.style().unicode ? text : plain_glyphs(std::move(text));
}

int width_of(const Console& console) { return std::min(console.style().width, 100); }

}  // namespace

std::string help_text(const Console& console) {
    const int width = width_of(console);
    std::string out = console.bold("moeplan " MOEPLAN_VERSION) + "\n" +
                      paragraph(
                          "What serving a mixture-of-experts or a dense language model costs in time, memory "
                          "and money, before a GPU is rented.",
                          width) +
                      "\n" + console.bold("usage:") + " moeplan COMMAND [options]\n\n" +
                      console.bold("commands") + "\n";
    for (const auto& command : all_commands()) out += entry(command.name, 14, command.summary, width);
    out += "\n" + console.bold("options everywhere") + "\n" + options_block(common_options(), width);
    out += entry("--version", 26, "Print the version.", width);
    out += "\n" + console.bold("examples") + "\n";
    for (const auto& command : all_commands()) {
        if (!command.examples.empty()) out += "  " + command.examples.front() + "\n";
    }
    out += "\n" + console.bold("exit codes") + "\n";
    for (const auto& [code, meaning] : {std::pair{"0", "all is well"},
                                        {"1", "an expectation failed"},
                                        {"2", "the input is wrong"},
                                        {"3", "nothing fits"},
                                        {"4", "a mistake of the program"},
                                        {"130", "stopped by Ctrl-C"}}) {
        out += entry(code, 6, meaning, width);
    }
    out +=
        "\n" + paragraph("`moeplan COMMAND --help` explains one command, `man moeplan` all of them.", width);
    return in_glyphs(std::move(out), console);
}

std::string help_text(const Command& command, const Console& console) {
    const int width = width_of(console);
    std::string out =
        paragraph(command.summary, width) + "\n" + console.bold("usage:") + " " + usage_of(command) + "\n";
    if (!command.doc.empty()) out += "\n" + paragraph(command.doc, width);
    if (!command.words.empty()) out += "\n";
    for (const auto& word : command.words) out += entry(word.name, 14, word.doc, width);
    out += "\n" + console.bold("options") + "\n" + options_block(command.options, width) +
           options_block(common_options(), width);
    if (!command.examples.empty()) out += "\n" + console.bold("examples") + "\n";
    for (const auto& example : command.examples) out += "  " + example + "\n";
    return in_glyphs(std::move(out), console);
}

}  // namespace moeplan::cli
