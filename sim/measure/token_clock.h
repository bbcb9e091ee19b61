#pragma once
// When the sequences of one replica got their last token, so that the gap to the next one is known whatever lies between:
// prompts that run alone, transfers, a rebalancing. Sequences are told apart by that time only.

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/measure/token_gaps.h"
#include "sim/request/ticks.h"

namespace moeplan {

// Caches on their way between replicas: where they come from nobody knows any more, but the last token is not forgotten.
class Transfers {
public:
    void sent(Ticks last_token, Ticks there);
    // The last token of the one that was there last by `at`, and it is forgotten; `at` itself when there is none.
    // (Replicas tell their steps when these are over, so the one there first may be another's.)
    Ticks received(Ticks at);

private:
    struct Transfer { Ticks last = 0, there = 0; };
    std::deque<Transfer> under_way_;
};

class TokenClock {
public:
    TokenClock(TokenGaps& gaps, Transfers& transfers) : gaps_(&gaps), transfers_(&transfers) {}

    // `count` sequences that got no token here before have one at `at`. Those that were preempted come back first: their
    // gap is the whole pause.
    void first(Ticks at, std::int64_t count);
    // `sequences` decode: a token each after `first` ticks from `start`, then after first + growth, … `count` in all. One
    // that was not here before comes from the transfers.
    void decode(Ticks start, Ticks first, Ticks growth, std::int64_t count, std::int64_t sequences);
    // A sequence whose last token was at `last` is gone.
    void leave(Ticks last);
    // A sequence loses its cache at `at` and will be back.
    void pause(Ticks at);
    void resume(Ticks at);   // its cache is back without a prompt
    // The sequence that came last goes on elsewhere, its cache there at `there`.
    void send(Ticks at, Ticks there);
    void clear();

private:
    struct Group { Ticks last = 0; std::int64_t sequences = 0; };
    void put(Ticks last, std::int64_t sequences);

    TokenGaps* gaps_;
    Transfers* transfers_;
    std::vector<Group> groups_;      // oldest first
    std::deque<Ticks> paused_;       // last tokens, longest ago first
};

}  // namespace moeplan
