// The manual page, the completion scripts and docs/cli.md know every command and option there is.
#include <regex>
#include <set>

#include "tests/cli/moeplan.h"

using namespace moeplan::test;

namespace {

std::vector<std::string> commands() {
    std::vector<std::string> names;
    std::istringstream lines(run({"--help"}).out);
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line == "commands") inside = true;
        else if (line.empty()) inside = false;
        else if (inside && line[2] != ' ') names.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    return names;
}

// "--set" and "-s" of a command's --help.
std::set<std::string> options_of(const std::string& command) {
    std::set<std::string> options;
    static const std::regex option("^  (-[a-z], )?(--[a-z-]+)");
    std::istringstream lines(run({command, "--help"}).out);
    for (std::string line; std::getline(lines, line);) {
        std::smatch found;
        if (std::regex_search(line, found, option)) options.insert(found[2]);
    }
    return options;
}

std::string section(const std::string& manual, const std::string& command) {
    const auto start = manual.find("\n.SS " + command + "\n");
    return start == std::string::npos ? "" : manual.substr(start, manual.find("\n.S", start + 1) - start);
}

std::string escaped(std::string option) {
    std::string out;
    for (const char c : option) out += c == '-' ? std::string("\\-") : std::string(1, c);
    return out;
}

}  // namespace

TEST_CASE("help names every command", "[cli]") {
    CHECK(commands() == std::vector<std::string>{"run", "compare", "check", "sweep", "model", "gpu", "init",
                                                 "describe", "calibrate", "validate", "completion"});
}

TEST_CASE("the manual page has every option of every command", "[cli]") {
    const auto manual = text_of(source("docs/moeplan.1"));
    const std::set<std::string> everywhere{"--help", "--catalog", "--color"};
    for (const auto& option : everywhere) CHECK_THAT(manual, ContainsSubstring(escaped(option)));
    for (const auto& command : commands()) {
        const auto part = section(manual, command);
        INFO(command);
        REQUIRE_FALSE(part.empty());
        const auto options = options_of(command);
        CHECK(options.size() >= 3);
        for (const auto& option : options) {
            if (!everywhere.contains(option)) CHECK_THAT(part, ContainsSubstring(escaped(option)));
        }
    }
}

TEST_CASE("every completion script has every command and option", "[cli]") {
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const auto script = run({"completion", shell}).out;
        for (const auto& command : commands()) {
            INFO(shell << " " << command);
            CHECK_THAT(script, ContainsSubstring(command));
            for (const auto& option : options_of(command)) {
                CHECK_THAT(script, ContainsSubstring(shell == std::string("fish") ? "-l " + option.substr(2)
                                                                                  : option));
            }
        }
    }
}

TEST_CASE("bash completes commands, options, their values and catalog names", "[cli]") {
    if (!std::filesystem::exists("/bin/bash")) return;
    const auto completed = [](const std::string& line) {
        Started start;
        start.words = {"/bin/bash", "-c",
                       "moeplan() { '" MOEPLAN_BINARY_DIR
                       "/bin/moeplan' \"$@\"; }; source <(moeplan completion bash); COMP_WORDS=(" +
                           line +
                           "); [[ $0 == *_ ]] && COMP_WORDS+=(''); COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); "
                           "_moeplan; printf '%s\\n' \"${COMPREPLY[@]}\""};
        return run_program(start).out;
    };
    CHECK(completed("moeplan comp") == "compare\ncompletion\n");
    CHECK(completed("moeplan run --form") == "--format\n");
    CHECK(completed("moeplan run --format js") == "json\n");
    CHECK(completed("moeplan compare --gpu h100_s") == "h100_sxm\n");
    CHECK(completed("moeplan describe rout") == "routings\n");
    CHECK_THAT(completed("moeplan model mistralai/Mixtral-8x7"),
               ContainsSubstring("mistralai/Mixtral-8x7B-v0.1"));
}

TEST_CASE("docs/cli.md explains every command", "[cli]") {
    const auto page = text_of(source("docs/cli.md"));
    for (const auto& command : commands()) CHECK_THAT(page, ContainsSubstring("## " + command));
}

TEST_CASE("the complete example of docs/scenario.md and the starter study hold what they expect", "[cli]") {
    const Scratch scratch;
    const auto page = text_of(source("docs/scenario.md"));
    const std::string opening = "```yaml\n";
    const auto begin = page.find(opening, page.find("\n## A complete example\n")) + opening.size();
    const auto example = scratch.file("example.yaml", page.substr(begin, page.find("\n```", begin) + 1 - begin));
    const auto starter = scratch.path("starter.yaml");
    REQUIRE(run({"init", starter}).code == 0);
    const auto result = run({"check", example, starter});
    INFO(result.out << result.err);
    CHECK(result.code == 0);
    CHECK_THAT(result.out, ContainsSubstring("2 studies checked"));
    CHECK_THAT(run({"run", example, starter}).out, !ContainsSubstring("as fast in fp8_block"));
}
