#pragma once
// How the requests of a measured run are sent again.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/request/request.h"
#include "sim/trace/measured.h"

namespace moeplan {

enum class ReplayedBy : std::uint8_t {
    recorded,   // at their recorded times
    users,      // max_concurrency at once, the next in the file's order whenever one is answered
    rate,       // gaps drawn at request_rate and burstiness; under max_concurrency each waits for a place
    at_once,    // all at 0
    untold,     // nothing says when they were sent
};
// Start times under a limit of concurrency that was reached are the server's doing, not the load's: then it is `users`.
ReplayedBy replayed_by(const MeasuredRun& run);

// How many users a run with recorded times looks like: nine in ten of its requests begin, within 2 % of the median time of
// one, as another ends, and each makes the same number in flight. Nothing where they do not, where times are missing, or
// where there are fewer than ten or three for each user.
std::optional<std::int64_t> looks_like_users(const MeasuredRun& run);

// How many of a run's requests the server ran at a time while others waited: the most that were between their first token and
// their end, where it had about as many for most of the time that two others or more had come and had no token. Nothing where
// few waited, where what ran varied (a cache that was full), or where times are missing.
std::optional<std::int64_t> ran_at_most(const MeasuredRun& run);

// What the file does not tell and somebody knows.
struct KnownLoad {
    std::optional<double> concurrency;      // requests at a time, >= 1: the next whenever one is answered
    std::optional<double> rate;             // a second, > 0, gaps of `burstiness`; infinity = all at once
    std::optional<std::int64_t> input_tokens;   // of prompts whose length is not told
};
// The run with what is known put in; it goes before what the file tells.
MeasuredRun with_load(MeasuredRun run, const KnownLoad& known);

// Those that succeeded, in the run's order.
std::vector<const MeasuredRequest*> succeeded(const MeasuredRun& run);

// The arrival's `session` is the request's place in `requests`. Requires replayed_by(run) != untold.
std::unique_ptr<RequestSource> replay_source(const MeasuredRun& run, const std::vector<const MeasuredRequest*>& requests,
                                             std::uint64_t seed);
// "sent when they were recorded"
std::string replay_text(const MeasuredRun& run);

}  // namespace moeplan
