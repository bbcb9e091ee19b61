#pragma once
// One cluster simulated with the step times as expected, and with the optimistic and pessimistic edge of their intervals.

#include <functional>
#include <memory>

#include "sim/cluster/cluster.h"
#include "sim/measure/measured.h"
#include "sim/serving/server.h"
#include "sim/serving/simulation_options.h"

namespace moeplan {

struct CaseRun {
    Measured measured;
    ClusterResult cluster;
};
struct CaseRuns {
    CaseRun central;
    std::optional<CaseRun> optimistic, pessimistic;
    std::uint64_t invariants_checked = 0;
    std::vector<std::string> remarks;     // of the source: rows it skipped
};

struct CasePlan {
    // Told now and then what is known so far of the central run, on the thread that runs it. Empty = never.
    std::function<void(const Measured&)> so_far;
    std::string name;                     // of the candidate or fleet
    std::vector<Server*> servers;         // the groups, in order
    std::vector<RequestFilter> takes;     // one a server
    SimulateSpec simulate;
    std::vector<Objective> objectives;
    std::uint64_t seed = 1;
    // A source for each run: the same requests every time.
    std::function<Result<std::unique_ptr<RequestSource>>()> source;
};

// The plan's fleet with these step times. `skip`: decode many steps at once where nothing changes.
ClusterOptions cluster_of(const CasePlan& plan, StepCase which, bool skip);

// Errors: the source's, the cost source's; "cancelled"; invariants that do not hold (a defect of this program); files that
// cannot be written; faults of replicas that do not exist.
Result<CaseRuns> run_cases(const CasePlan& plan, const SimulationOptions& options, const std::string& requests_file,
                           const std::string& timeline_file, RunControl& control);

}  // namespace moeplan
