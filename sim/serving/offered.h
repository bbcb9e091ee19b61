#pragma once
// What a source of requests offers, found by letting it run ahead without a server.

#include <optional>

#include "core/base/run_control.h"
#include "core/scenario/scenario.h"

namespace moeplan {

struct Offered {
    double input = 0, output = 0;             // mean tokens
    double requests = 0;                      // seen
    std::optional<double> rate;               // a second; absent for closed loops and when all come at once
    std::optional<double> duration_s;         // the seen ones, first to last
    std::int64_t prefix_block_tokens = 0;
    bool all = false;                         // the source ended: there are no others
};

// At most `most` requests are looked at: enough for means, and a long trace is not read twice.
// Errors: the source's; no request at all; "cancelled".
Result<Offered> look_ahead(const Workload& workload, const SimulateSpec& spec, std::optional<FixedLengths> lengths,
                           const std::string& study_file, std::uint64_t seed, double most_bad, const RunControl& control = {}, std::int64_t most = 50'000);

}  // namespace moeplan
