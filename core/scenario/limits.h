#pragma once
// The most a study may say, for its readers and for whoever edits studies. Generous: they catch slips and hostile input, not
// ambition.

#include <cstdint>

namespace moeplan::scenario {

constexpr double kMostTokens = 1e9;           // per request
constexpr double kMostSequences = 1e7;        // in flight, or users
constexpr std::int64_t kMostGpus = 1'000'000;
constexpr std::int64_t kMostPriority = 1'000'000;   // and its negative
constexpr std::int64_t kMostOfAnything = 1'000'000'000;   // simulated requests, places in a queue
constexpr std::int64_t kMostBatchWait = 1'000'000;        // steps that a prompt waits for others
constexpr double kMostRate = 1e9;             // requests a second
constexpr double kMostSeconds = 9e6;          // of simulated time: 104 days
constexpr double kMostRecorded = 1e9;         // seconds into a recording: 31 years

}  // namespace moeplan::scenario
