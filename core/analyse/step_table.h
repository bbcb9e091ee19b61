#pragma once
// The time of a step of one candidate, tabulated once and interpolated: what a simulation of millions of steps asks.
//
// A step's ops fall into those that see its tokens only (products, experts, passes, collectives), those that see each
// sequence's context (attention, state), and the host. The first are a function of the tokens, and of the rows of logits;
// the second of the decoding sequences and their context, and of the prompts' chunks: three small tables.

#include "core/analyse/log_grid.h"
#include "core/analyse/step_timer.h"

namespace moeplan {

// Largest sizes the tables cover; beyond them the last slope goes on.
struct StepRange {
    double tokens = 16384;      // of a step, on one attention-dp rank
    double ranks = 1;           // of attention dp
    double sequences = 1024;    // decoding
    double context = 131072;    // tokens of a sequence
};

class StepTable {
public:
    // Errors: the cost source's.
    static Result<StepTable> build(StepTimer& timer, const StepRange& range);

    // Against StepTimer::price(): docs/calibration.md, "Fast in use".
    Estimate at(const StepShape& step) const;

private:
    // Tokens on the fullest rank (dense parts see those), and how many such ranks all tokens would fill (experts see all).
    struct Spread { double tokens = 0, ranks = 1; };
    Spread spread(const SequenceGroup& prefill, const SequenceGroup& decode) const;
    Estimate prompt_at(const Spread& spread) const { return prompt_.at({spread.tokens, spread.ranks - 1, 0}); }

    double ranks_ = 1;
    LogGrid prompt_;    // token-bound ops of a step of so many prompt tokens (one row of logits a rank)
    LogGrid decoding_;  // the same of a step of so many decoding sequences (a row of logits each)
    LogGrid cache_;     // attention of so many decoding sequences over their context
    LogGrid chunks_;    // attention of prompt chunks: sequences, new tokens, context
    const StepTimer* timer_ = nullptr;
};

}  // namespace moeplan
