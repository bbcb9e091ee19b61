#pragma once
// When the sequences of one replica got their last token, so that the gap to the next one is known whatever lies between:
// prompts that run alone, transfers, a rebalancing. Sequences are told apart by that time only.

#include <cstdint>
#include <deque>
#include <vector>

#include "sim/measure/token_gaps.h"
#include "sim/request/ticks.h"

namespace moeplan {

class TokenClock {
public:
    explicit TokenClock(TokenGaps& gaps) : gaps_(&gaps) {}

    // `count` sequences that got no token here before have one at `at`. Those that were preempted come back first: their
    // gap is the whole pause.
    void first(Ticks at, std::int64_t count);
    // `sequences` decode: a token each after `first` ticks from `start`, then after first + growth, … `count` in all. One
    // whose last token is unknown (its cache came from elsewhere) counts from `start`.
    void decode(Ticks start, Ticks first, Ticks growth, std::int64_t count, std::int64_t sequences);
    // A sequence whose last token was at `last` is gone.
    void leave(Ticks last);
    // A sequence loses its cache at `at` and will be back.
    void pause(Ticks at);
    void resume(Ticks at);   // its cache is back without a prompt
    // A sequence that got its last token elsewhere at `last` goes on here.
    void join(Ticks last) { put(last, 1); }
    void clear();

private:
    struct Group { Ticks last = 0; std::int64_t sequences = 0; };
    void put(Ticks last, std::int64_t sequences);

    TokenGaps* gaps_;
    std::vector<Group> groups_;      // oldest first
    std::deque<Ticks> paused_;       // last tokens, longest ago first
};

}  // namespace moeplan
