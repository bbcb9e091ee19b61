#pragma once
// Worker processes of this machine. A point that crashes takes one of them with it and nothing else.

#include <cstddef>
#include <memory>

#include "sim/sweep/team.h"

namespace moeplan::cli {

// Forks `count` workers; `compute` runs in them only. A worker that ends is started again as long as it was given
// something to compute; what it said last is lost, its reason told. Workers end when the team is destroyed, or when
// this process ends, however it does. Call from a process without threads.
std::unique_ptr<Team> start_processes(std::size_t count, const ComputePoint& compute);

}  // namespace moeplan::cli
