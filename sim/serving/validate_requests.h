#pragma once
// A measured run replayed: the same requests, sent as they were sent, to the candidate simulated.

#include <string>

#include "core/analyse/prepare.h"
#include "core/base/run_control.h"
#include "core/report/validation_requests.h"
#include "sim/serving/replay_measured.h"
#include "sim/trace/measured.h"

namespace moeplan {

struct ReplayOptions {
    SimulateSpec simulate;
    std::string requests_file;   // measured and predicted of every request, CSV; empty = none
    std::uint64_t seed = 1;
};

// What a scenario needs to know of the run to prepare a candidate for it: mean lengths, and a load of its kind.
// Errors: no request that succeeded; one without its lengths; nothing that says when requests were sent.
Result<Workload> workload_of(const MeasuredRun& run);

// Errors: as workload_of(); the candidate does not fit, or a request is larger than its cache; the cost source's; a file that
// cannot be written; "cancelled".
Result<RequestsValidation> validate_requests(const MeasuredRun& run, const Prepared& candidate, const RoutingSpec& routing,
                                             const CostSource& source, const ReplayOptions& options, RunControl& control);

}  // namespace moeplan
