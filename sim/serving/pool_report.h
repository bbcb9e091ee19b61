#pragma once
// What prefill and decode pools did, as a report tells it: figures of each, and which of them holds the others up.

#include <string>
#include <vector>

#include "sim/serving/run_cases.h"

namespace moeplan {

// Of one server with pools; `first`: the place of its prefill pool among all of the run. `owner`: before its name, "" = none.
std::vector<SimulatedPool> pool_report(const CaseRuns& runs, std::size_t first, const Server& server, const std::string& owner);

// A sentence: where requests wait, or that they wait nowhere. `waiting_for_links`: caches.
std::string bottleneck(const SimulatedPool& prefill, const SimulatedPool& decode, double waiting_for_links);

// Figures and sentences of all servers of a run into its report.
void put_pools(SimulationReport& report, const CaseRuns& runs, const std::vector<Server*>& servers, const std::vector<std::string>& owners);

}  // namespace moeplan
