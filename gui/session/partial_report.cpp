#include "gui/session/partial_report.h"

#include "core/report/simulation_metrics.h"

namespace moeplan {
namespace {

CandidateReport begun(const std::string& name, const SimulationReport& so_far) {
    CandidateReport report;
    report.name = name;
    report.fits = true;   // what does not fit is never simulated
    report.metrics = simulated_metrics(so_far);
    report.simulation = so_far;
    return report;
}

}  // namespace

Report partial_report(const Scenario& scenario, const std::map<std::string, SimulationReport>& so_far) {
    Report report;
    report.scenario_name = scenario.name;
    report.scenario_file = scenario.file;
    report.scenario = to_document(scenario);
    for (const Candidate& c : scenario.candidates) {
        const auto found = so_far.find(c.name);
        if (found == so_far.end()) continue;
        CandidateReport candidate = begun(c.name, found->second);
        candidate.model = c.model;
        candidate.gpu = c.gpu;
        candidate.engine = c.engine;
        candidate.gpus = c.count;
        report.candidates.push_back(std::move(candidate));
    }
    for (const FleetSpec& f : scenario.fleets) {
        if (const auto found = so_far.find(f.name); found != so_far.end()) report.candidates.push_back(begun(f.name, found->second));
    }
    return report;
}

}  // namespace moeplan
