#pragma once
// Simulated studies written in a test, and what they answer.

#include <string>

#include "core/catalog/catalog.h"
#include "core/scenario/scenario.h"
#include "sim/run.h"
#include "tests/support/catch.h"
#include "tests/support/study.h"

namespace moeplan {

// The answer to a study given as YAML; fails the test where there is none. Every invariant is held.
inline Report answered(const std::string& yaml, SimulationOptions options = {}) {
    options.check = true;
    auto scenario = parse_scenario(yaml, "study.yaml");
    INFO(yaml << "\n" << problems_of(scenario));
    REQUIRE(scenario);
    RunControl quiet;
    auto report = run(*scenario, builtin_catalog(), quiet, options);
    INFO(problems_of(report));
    REQUIRE(report);
    return std::move(*report);
}

// The problems of a study that has some, one a line; empty when it is answered.
inline std::string refused(const std::string& yaml) {
    auto scenario = parse_scenario(yaml, "study.yaml");
    if (!scenario) return problems_of(scenario);
    RunControl quiet;
    return problems_of(run(*scenario, builtin_catalog(), quiet, {}));
}

inline double metric(const CandidateReport& c, const std::string& id) {
    const auto* found = c.find(id);
    INFO(c.name << " has no " << id);
    REQUIRE(found);
    return found->value.value;
}

inline const SimulationReport& simulation(const CandidateReport& c) {
    INFO(c.name << " was not simulated");
    REQUIRE(c.simulation);
    return *c.simulation;
}

}  // namespace moeplan
