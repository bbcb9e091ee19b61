#include "sim/planner.h"

namespace moeplan {

struct Planner::Memory {
    const Catalog* catalog = nullptr;
};

Planner::Planner(const Catalog& catalog) : memory_(std::make_unique<Memory>(Memory{&catalog})) {}
Planner::~Planner() = default;
Planner::Planner(Planner&&) noexcept = default;
Planner& Planner::operator=(Planner&&) noexcept = default;

Result<Report> Planner::answer(const Scenario& scenario, RunControl& control, const SimulationOptions& options) {
    return run(scenario, *memory_->catalog, control, options);
}

}  // namespace moeplan
