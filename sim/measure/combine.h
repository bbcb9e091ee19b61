#pragma once
// Three runs of the same requests into one report: `value` of every figure and everything told once (counts, sampling,
// series, findings) is of the central run; `low` and `high` are the least and the most of all three.

#include <optional>

#include "core/report/simulation_report.h"
#include "sim/measure/measured.h"

namespace moeplan {

struct RunFacts {
    std::int64_t gpus_per_replica = 1;      // for the GPU-hours paid, unless given:
    std::optional<double> gpu_hours;        // cold starts included
    std::optional<Estimate> saturation;     // offered load over capacity; low <= value <= high
    std::uint64_t invariants_checked = 0;
    Estimate first_token_error = Estimate::exact(1);   // of the engines; widens what has an interval
};

// Null runs are left out: with both null every interval is a point.
SimulationReport combined(const Measured& central, const Measured* optimistic, const Measured* pessimistic, const RunFacts& facts = {});

}  // namespace moeplan
