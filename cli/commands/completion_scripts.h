#pragma once

#include <string>

namespace moeplan::cli {

// Names of the catalog are asked of the program itself (`moeplan describe models --format names`) when they
// are completed, so a user's own catalog is completed too.
std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace moeplan::cli
