#pragma once
// Rank 0's view of the other ranks.

#include <chrono>
#include <memory>
#include <string>

#include "sim/sweep/mpi/messages.h"
#include "sim/sweep/team.h"

namespace moeplan {

// See MpiJob::lead(). Worker i is rank i + 1. `messages` outlives the team.
std::unique_ptr<Team> make_mpi_team(Messages& messages, std::string hello, std::chrono::milliseconds lost_after);

}  // namespace moeplan
