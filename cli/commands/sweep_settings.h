#pragma once
// What `moeplan sweep` was asked for, checked.

#include <chrono>
#include <cstddef>
#include <string>

#include "cli/arguments.h"
#include "sim/sweep/folder.h"
#include "sim/sweep/study.h"

namespace moeplan::cli {

struct SweepSettings {
    std::string folder;
    Shard shard;
    bool sharded = false;
    std::size_t jobs = 1;
    bool fresh = false, retry_failed = false;
    std::chrono::milliseconds lost_after{60'000};
};

// Errors: no --out; options that do not go together; values that are none.
Result<SweepSettings> read_sweep_settings(const Arguments& arguments);

// The study and everything else that decides what comes out. Errors: see SweepStudy::read(); a study or catalog that
// cannot be read.
Result<SweepStudy> read_sweep_study(const Arguments& arguments);

}  // namespace moeplan::cli
