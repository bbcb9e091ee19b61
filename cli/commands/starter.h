#pragma once

#include <string>

namespace moeplan::cli {

// A study that runs as it is, every section explained.
const std::string& starter_study();

}  // namespace moeplan::cli
