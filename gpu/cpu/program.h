#pragma once
// moeplan-probe: its options and what it does with them.

#include <istream>
#include <ostream>
#include <string>
#include <vector>

namespace moeplan::cpu {

// Exit codes: 0 fine, 2 the options are wrong, 3 a step does not fit into memory, 4 a step failed.
int run_program(const std::vector<std::string>& arguments, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace moeplan::cpu
