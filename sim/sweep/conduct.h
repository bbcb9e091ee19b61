#pragma once
// Handing out points and keeping their answers.

#include <cstdint>
#include <deque>
#include <vector>

#include "core/base/result.h"
#include "core/base/run_control.h"
#include "sim/sweep/folder.h"
#include "sim/sweep/team.h"

namespace moeplan {

struct Parts {
    PartFile results, failures;
};

struct SweepTally {
    std::uint64_t todo = 0;          // points when it began
    std::uint64_t answered = 0, failed = 0, crashed = 0;
    std::uint64_t lost = 0;          // workers that ended before they were told to
    bool stopped = false;            // cancelled
    std::uint64_t done() const { return answered + failed + crashed; }
};

// Computes `todo` (ascending) with the team; each answer is in its part before the next is asked for. What a lost
// worker was computing is given to another one; a point that takes a second worker with it has crashed. Answers that
// come twice are taken once. On cancel returns at once with what is there.
// Errors: a part cannot be written; every worker is lost.
Result<SweepTally> conduct(Team& team, const Grid& grid, std::vector<std::uint64_t> todo, Parts& parts, RunControl& control);

}  // namespace moeplan
