#pragma once
// What a simulation tells while it runs. Recorders, timelines and invariant checks listen; none of them changes what happens.

#include <cstdint>

#include "sim/request/request.h"

namespace moeplan {

// `count` decode steps in a row of one replica, each giving every one of `sequences` its next token. Step j (from 0) takes
// first + j x growth.
struct DecodeRun {
    std::int32_t replica = 0;
    Ticks start = 0;
    Ticks first = 0;
    Ticks growth = 0;
    std::int64_t count = 0;
    std::int64_t sequences = 0;
    std::int64_t tokens_per_step = 0;   // of all sequences together; more than `sequences` with accepted drafts
    Ticks end() const { return start + first * count + growth * (count * (count - 1) / 2); }
};

// A step that carries prompts.
struct PromptStep {
    std::int32_t replica = 0;
    Ticks start = 0, end = 0;
    std::int64_t prompt_tokens = 0;      // computed, not cached
    std::int64_t prompts = 0;            // that have a chunk in it
    std::int64_t first_tokens = 0;       // prompts it completes
    std::int64_t decoding = 0;           // sequences that get a token beside them
    std::int64_t extra_tokens = 0;       // theirs beyond one each: accepted drafts
};

// After every step (or run of steps).
struct ReplicaState {
    std::int32_t replica = 0;
    Ticks at = 0;
    std::int64_t running = 0;      // admitted
    std::int64_t waiting = 0;
    std::int64_t kv_used = 0;      // blocks held by running requests
    std::int64_t kv_cached = 0;    // blocks kept for reuse, freed when needed
    std::int64_t kv_total = 0;
    std::int64_t kv_most = 0;      // blocks held at the end of the step, before those who ended in it gave theirs back
};

enum class Happening : std::uint8_t { preempted, swapped_out, swapped_in, lost, returned, scaled_up, scaled_down, rebalanced, kv_sent };

class Observer {
public:
    virtual ~Observer() = default;
    virtual void arrived(std::uint64_t id, const Arrival& request) { (void)id; (void)request; }
    virtual void ended(const RequestRecord& record) { (void)record; }
    virtual void decoded(const DecodeRun& run) { (void)run; }
    virtual void stepped(const PromptStep& step) { (void)step; }
    virtual void state(const ReplicaState& now) { (void)now; }
    // Tokens that steps gave, between these times, to a request whose replica was lost then, or that never became an answer.
    virtual void thrown_away(std::int64_t tokens, Ticks from, Ticks until) { (void)tokens; (void)from; (void)until; }
    // `request` is its id, or absent for what happens to a replica. It takes from `at` to `until`.
    virtual void happened(Happening what, std::int32_t replica, std::optional<std::uint64_t> request, Ticks at, Ticks until) {
        (void)what; (void)replica; (void)request; (void)at; (void)until;
    }
};

}  // namespace moeplan
