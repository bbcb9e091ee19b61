#pragma once
// A kernel as the keys of a request. Private to gpu/protocol's .cpp files.

#include "core/kernels/kernel.h"
#include "gpu/protocol/json_line.h"

namespace moeplan::probe_json {

// Adds "op" and the kernel's keys to `object`.
void write_kernel(json& object, const Kernel& kernel);

// Reads "op" and its keys; sizes are checked with check_kernel(). What is wrong is in keys.problems.
Kernel read_kernel(Keys& keys);

}  // namespace moeplan::probe_json
