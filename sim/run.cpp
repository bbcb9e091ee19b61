#include "sim/run.h"

#include "sim/planner.h"

namespace moeplan {

Result<Report> run(const Scenario& scenario, const Catalog& catalog, RunControl& control, const SimulationOptions& options) {
    return Planner(catalog).answer(scenario, control, options);
}

}  // namespace moeplan
