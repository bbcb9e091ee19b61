#pragma once
// Every command, each made in a file of its own name.

#include "cli/command.h"

namespace moeplan::cli {

Command run_command();
Command compare_command();
Command check_command();
Command sweep_command();
Command model_command();
Command gpu_command();
Command describe_command();
Command init_command();
Command validate_command();
Command calibrate_command();
Command completion_command();

// "table", "json" … of the report writers.
std::vector<std::string> report_formats();
Option format_option(std::vector<std::string> choices);
Option output_option(std::string doc, std::string value = "FILE");

}  // namespace moeplan::cli
