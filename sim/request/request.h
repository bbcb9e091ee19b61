#pragma once
// A request as it arrives, what became of it, and where requests come from.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "sim/request/ticks.h"

namespace moeplan {

struct Arrival {
    Ticks at = 0;
    std::int64_t input = 1;       // tokens, >= 1
    std::int64_t output = 1;      // tokens, >= 1
    std::int32_t priority = 0;    // lower is more urgent
    std::uint32_t session = 0;    // of one user or conversation; session routers keep it on one replica
    std::int32_t user = -1;       // of a closed loop; -1 in open ones
    // One id per block of `prefix_block_tokens` prompt tokens; equal leading ids share their KV cache.
    std::vector<std::uint64_t> prefix;
};

// Requests in order of arrival. One object is one run: it is not restarted.
class RequestSource {
public:
    virtual ~RequestSource() = default;

    // The next request whose time is already known; nothing when there is none (any more, or until one is answered).
    // `at` never falls.
    virtual std::optional<Arrival> next() = 0;

    // Closed loops: what this user sends after its request ended at `now` (answered, rejected or timed out). `at` >= now.
    virtual std::optional<Arrival> after(const Arrival& ended, Ticks now) {
        (void)ended;
        (void)now;
        return std::nullopt;
    }

    // Tokens behind one prefix id; 0 = no ids.
    virtual std::int64_t prefix_block_tokens() const { return 0; }

    // Why the source ended early (a trace that turned out unreadable); empty = it did not.
    virtual Problems problems() const { return {}; }
};

enum class Ending : std::uint8_t {
    completed,
    rejected,     // the queue was full, or it could never be served
    timed_out,    // no first token in time
    unfinished,   // still there when the simulation was stopped
};
std::string_view name_of(Ending ending);

// What became of one request. Times are absolute.
struct RequestRecord {
    std::uint64_t id = 0;          // by order of arrival, from 0
    Ticks arrival = 0;
    Ticks started = kNever;        // the first step that works on its prompt begins
    Ticks first_token = kNever;
    Ticks finished = kNever;       // last token, or when it was given up
    std::int64_t input = 0, output = 0;
    std::int64_t cached_tokens = 0;   // of the prompt, found in the prefix cache
    std::int32_t priority = 0;
    std::uint32_t session = 0;
    std::int32_t replica = -1;        // that finished it
    std::uint32_t preemptions = 0;
    std::uint32_t restarts = 0;       // its replica was lost and it began anew elsewhere
    Ending ending = Ending::completed;

    double wait_s() const { return to_seconds(started - arrival); }
    double ttft_s() const { return to_seconds(first_token - arrival); }
    double e2e_s() const { return to_seconds(finished - arrival); }
    // Mean time of a token after the first; 0 with one token.
    double tpot_s() const { return output > 1 ? to_seconds(finished - first_token) / static_cast<double>(output - 1) : 0; }
};

}  // namespace moeplan
