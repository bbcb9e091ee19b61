#pragma once
// Requests as they were recorded: a trace's own times, and ServeGen's clients.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/scenario/scenario.h"
#include "sim/arrivals/traits.h"
#include "sim/request/request.h"
#include "sim/trace/servegen.h"
#include "sim/trace/trace.h"

namespace moeplan {

struct ReplaySpec {
    std::string file;
    TraceArrivals times;
    std::optional<FixedLengths> lengths;   // in place of the recorded ones
    double most_bad = kMostBadRows;        // share of malformed rows
};

// The requests of [from, to) of the recording (seconds since its first request), `speed` times as fast, from time 0 on;
// the slice `repeat` times, one after the other. A repetition begins `to - from` after the one before it; without `to`,
// the recording ends one mean gap after its last request. Prefix ids of one repetition are not those of another: nobody
// asks all the same again. Streamed: the file is opened anew for every repetition; rows out of order are put right
// within kReorderWindow requests.
// Errors at once: a file that cannot be read, a trace without arrival times. Later, as problems(): too large a share of
// bad rows, data cut short, a slice without requests, times beyond what a simulation holds.
Result<std::unique_ptr<RequestSource>> make_replay(const ReplaySpec& spec, Traits traits);

// All clients at once, in order of time (of equal times the lower number first). A client's process is a renewal process
// in its own time, in which one arrival is expected per unit: every window stretches that time by its rate x `speed` and
// gives the gaps that begin in it their shape, so that no request is lost at a window's end and each window has its
// rate. Gaps are stationary from the start. Input and output are drawn apart, from the lengths in force at that time.
// Time 0 is `from`; the source ends at `to`, or with the last window.
Result<std::unique_ptr<RequestSource>> make_servegen(std::vector<ServeGenClient> clients, const ServeGenArrivals& spec,
                                                     std::optional<FixedLengths> lengths, Traits traits,
                                                     std::uint64_t seed);

}  // namespace moeplan
