#pragma once
// Measured servers simulated: every row of a table of means, as its benchmark ran it.
//
// Closed loop: all users start at once, each sends its next request when it is answered, and in all ten times as many
// requests as users are sent (MeasuredServing::requests_per_user; rows that do not say how they were measured are taken to be measured so too);
// means are over all of them, the first burst included, as benchmarks report them.
// Static batches: all at once, once.

#include "core/analyse/validate_serving.h"
#include "core/base/run_control.h"

namespace moeplan {

struct SimulateRowsOptions {
    bool intervals = true;      // also with optimistic and pessimistic step times; else low = value = high
    RunControl* control = nullptr;
};

// Rows in parallel, the same result whatever the threads. `source` and the control outlive it. Once cancelled, rows are
// skipped as "cancelled".
RowPredictor by_simulation(const CostSource& source, const SimulateRowsOptions& options);

}  // namespace moeplan
