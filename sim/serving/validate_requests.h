#pragma once
// A measured run replayed: the same requests, sent as they were sent, to the candidate simulated.

#include <string>

#include "core/analyse/prepare.h"
#include "core/base/run_control.h"
#include "core/report/validation_requests.h"
#include "sim/trace/measured.h"

namespace moeplan {

// How the requests of a measured run are sent again.
enum class ReplayedBy : std::uint8_t {
    recorded,   // at their recorded times
    users,      // max_concurrency at once, the next in the file's order whenever one is answered
    rate,       // gaps drawn at request_rate and burstiness
    at_once,    // all at 0
};
// Start times under a limit of concurrency that was reached are the server's doing, not the load's: then it is `users`.
ReplayedBy replayed_by(const MeasuredRun& run);

struct ReplayOptions {
    SimulateSpec simulate;
    std::string requests_file;   // measured and predicted of every request, CSV; empty = none
    std::uint64_t seed = 1;
};

// What a scenario needs to know of the run to prepare a candidate for it: mean lengths, and a load of its kind.
// Errors: no request that succeeded; one without its lengths.
Result<Workload> workload_of(const MeasuredRun& run);

// Errors: as workload_of(); the candidate does not fit, or a request is larger than its cache; the cost source's; a file that
// cannot be written; "cancelled".
Result<RequestsValidation> validate_requests(const MeasuredRun& run, const Prepared& candidate, const RoutingSpec& routing,
                                             const CostSource& source, const ReplayOptions& options, RunControl& control);

}  // namespace moeplan
