#pragma once
// A simulated study as the closed form sees it: mean lengths and the mean rate in place of traces and processes.

#include <memory>
#include <vector>

#include "core/analyse/pools.h"
#include "core/analyse/prepare.h"
#include "sim/serving/offered.h"

namespace moeplan {

struct ClosedView {
    std::shared_ptr<const Scenario> study;   // owns what `prepared` points to
    std::vector<Prepared> prepared;
    std::vector<Offered> offered;            // one a candidate
    PoolsOfCandidates pools;                 // one a candidate
};

// Errors: "cancelled"; those of preparing the candidates and of the source of requests.
// `most_bad`: share of a trace's rows that may be malformed.
Result<ClosedView> closed_view(const Scenario& scenario, const Catalog& catalog, double most_bad, const RunControl& control = {});

}  // namespace moeplan
