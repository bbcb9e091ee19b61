#pragma once
// From runs to the figures of a report: one candidate, or a fleet of several.

#include <optional>
#include <string>
#include <vector>

#include "core/analyse/evaluate.h"
#include "core/report/report.h"
#include "sim/serving/answer_price.h"
#include "sim/serving/run_cases.h"

namespace moeplan {

// `batch`: of the central run.
// The closed form's evaluation with what the simulation found in its place: times, throughput, money, cost per answer.
Evaluation simulated_evaluation(const Prepared& candidate, const Evaluation& closed, const SimulationReport& simulation, double gpus_paid, double batch);

// Figures told by the simulation, those of the closed form under the same names replaced.
void put_simulated_metrics(CandidateReport& report, const SimulationReport& simulation);

// Both layouts where the candidate's stood, all replicas and GPUs, and what the closed form beside the simulation is of.
// `swept`: the study has sweeps.
void put_pools(CandidateReport& report, const PreparedPools& pools, bool swept);

// "misses the objective ttft p99 <= 500 ms: 812 ms"
std::vector<std::string> objective_warnings(const SimulationReport& simulation, const std::vector<SloTerm>& slo);

// Empty below capacity.
std::string overload_warning(const SimulationReport& simulation);
// Empty unless all requests came in the warm-up.
std::string unmeasured_warning(const SimulationReport& simulation);
// Empty unless the slowest steps serve nobody, so that nothing has a price.
std::string unpriced_warning(const SimulationReport& simulation);

// Relative half-width (95 %) of what a finite run says of a metric: of latencies by batch means; of whatever counts requests
// or tokens over time as of a count of so many requests.
double sampling_noise(const SimulationReport& simulation, const std::string& metric);

// What the cluster saw that the recorder cannot know: requests that can never fit, or were never finished.
std::vector<std::string> cluster_findings(const ClusterResult& result, const std::vector<Server*>& servers);

// GPUs paid for on average: replicas come and go with autoscaling.
double gpus_paid(const ClusterResult& result, std::size_t group, const Server& server);

// Several candidates that serve one load together.
struct FleetPart {
    const Prepared* candidate = nullptr;
    const Server* server = nullptr;
    std::string layout;
    std::optional<AnswerLength> answer;   // where it is graded
};
CandidateReport fleet_report(const std::string& name, const std::vector<FleetPart>& members, const CaseRuns& runs, SimulationReport simulation);

}  // namespace moeplan
