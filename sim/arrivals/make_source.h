#pragma once
// Where a study's requests come from, chosen from what it says.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/scenario/scenario.h"
#include "sim/request/request.h"
#include "sim/trace/trace.h"

namespace moeplan {

constexpr std::int64_t kRequestsOfAProcess = 10'000;   // where the study says neither requests nor duration

// | arrivals         | load        | source                                                                    |
// |------------------|-------------|---------------------------------------------------------------------------|
// | absent           | concurrency | that many users, all starting at 0, each `think` after its answer          |
// | absent           | poisson     | Poisson                                                                   |
// | absent           | batch       | that many requests at time 0, once                                        |
// | gamma … diurnal  | ignored     | that process                                                              |
// | trace            | ignored     | the trace of the lengths, as recorded                                     |
// | servegen         | ignored     | ServeGen's clients, with their lengths                                    |
//
// Lengths are the workload's, `candidate_lengths` in their place where given (ServeGen's and a trace's times stay).
// A trace that gives lengths only is gone through in order, again and again. prefix_shared without prefixes: that share
// of every prompt belongs to one text, so that all but the first request find it.
// Ends: spec.requests, spec.duration; with neither, a trace ends with its slice and a process after kRequestsOfAProcess.
// `most_bad`: the share of a trace's rows that may be malformed.
// Errors: a file that cannot be read; a trace without arrivals where they are asked for; a fraction of a user. What goes
// wrong later (too many bad rows, a file cut short) ends the source and is told by its problems(). What was skipped on
// the way is told by remarks_of() (sim/arrivals/source.h).
Result<std::unique_ptr<RequestSource>> make_source(const Workload& workload, const SimulateSpec& spec,
                                                   std::optional<FixedLengths> candidate_lengths,
                                                   const std::string& study_file, std::uint64_t seed,
                                                   double most_bad = kMostBadRows);

}  // namespace moeplan
