#pragma once
// What a rank other than 0 does: one thread computes, the calling one speaks.

#include <atomic>
#include <chrono>
#include <string>

#include "sim/sweep/mpi/messages.h"
#include "sim/sweep/team.h"

namespace moeplan {

// See MpiJob::work().
bool work_for_rank_0(Messages& messages, const std::string& hello, std::chrono::milliseconds lost_after,
                     const ComputePoint& compute, const std::atomic<bool>* stop);

}  // namespace moeplan
