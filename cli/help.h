#pragma once
// --help, from the commands themselves.

#include <string>

#include "cli/command.h"

namespace moeplan::cli {

std::string help_text(const Console& console);
std::string help_text(const Command& command, const Console& console);

}  // namespace moeplan::cli
