#pragma once
// The door held open: answers studies one after the other and remembers what was expensive to find out, so that a study
// which differs from the last one in a single knob is answered within a frame.

#include <memory>

#include "sim/run.h"

namespace moeplan {

// What run() says, sooner. Remembers models read, routing tables, predictions of kernels and lengths of traces; a file that
// changed on disk is read anew. Safe from one thread at a time.
class Planner {
public:
    // `catalog` outlives it.
    explicit Planner(const Catalog& catalog);
    ~Planner();
    Planner(Planner&&) noexcept;
    Planner& operator=(Planner&&) noexcept;

    // The same bytes as run() gives. Errors: run()'s.
    Result<Report> answer(const Scenario& scenario, RunControl& control, const SimulationOptions& options = {});

private:
    struct Memory;
    std::unique_ptr<Memory> memory_;
};

}  // namespace moeplan
