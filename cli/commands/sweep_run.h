#pragma once
// A sweep from its settings to its results.

#include "cli/commands/sweep_settings.h"
#include "cli/console.h"
#include "core/catalog/catalog.h"
#include "sim/sweep/mpi_job.h"

namespace moeplan::cli {

// Computes what is still to be done of the shard and merges when nothing of any shard is left. With a job: rank 0 of
// it; `lost` then tells that some rank will not come to the end.
ExitCode run_sweep(const SweepStudy& study, const Catalog& catalog, const SweepSettings& settings, MpiJob* job,
                   bool& lost, Console& console);

// `moeplan sweep --merge DIR`.
ExitCode merge_sweep(const std::string& folder, Console& console);

}  // namespace moeplan::cli
