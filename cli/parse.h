#pragma once
// The one user of CLI11: words behind a command -> Arguments.

#include <string>
#include <vector>

#include "cli/command.h"

namespace moeplan::cli {

// Errors: unknown options (nearest named), a missing value, a value that is no choice, too many or too few
// words: all at once.
Result<Arguments> parse(const Command& command, std::vector<std::string> words);

// The word that names the command, wherever it stands among the common options, and the other words.
struct Split {
    std::string command;   // empty when there is none
    std::vector<std::string> rest;
};
Split split_command(const std::vector<std::string>& words);

}  // namespace moeplan::cli
