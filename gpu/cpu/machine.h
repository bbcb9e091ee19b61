#pragma once
// What this machine is and has, read from the kernel's files.

#include <cstdint>
#include <optional>
#include <string>

namespace moeplan::cpu {

std::string processor_name();      // "AMD EPYC 9555"; "unknown processor" where it is not told
std::string kernel_version();      // "Linux 6.1.0"
std::int64_t memory_bytes();       // of the machine, or of this process's control group when that is less
std::int64_t available_bytes();    // that can be had now without swapping, within the control group's limit
std::int64_t last_level_cache();   // bytes; 32 MiB where it is not told
std::optional<double> core_mhz();  // now, of the first core

}  // namespace moeplan::cpu
