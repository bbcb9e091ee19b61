#pragma once
// The most requests a second that a simulated fleet answers, whatever is offered: what load is a share of.

#include <optional>

#include "sim/serving/run_cases.h"

namespace moeplan {

// The plan's own requests, all there from the start, on replicas that never fail and are all on; how fast they are answered once
// replicas are full and while others still wait. Step times as expected. Requests are taken from the beginning again where there are
// fewer of them than that needs.
// Of a fleet too large to be filled so, a part is filled and the answer is in proportion.
// Absent where none is answered, or where one replica holds more requests than are worth simulating. `together`: how many are
// thought to run at a time; where it is wrong it only costs another try.
// Errors: those of run_cases.
Result<std::optional<double>> capacity_of(const CasePlan& plan, double together, const RunControl& control);

}  // namespace moeplan
