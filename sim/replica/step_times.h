#pragma once
// Times of engine steps in whole ticks, and of many decode steps at once in closed form.
//
// For every number of sequences the time of a decode step is a line in pieces over the context they hold together; slopes
// are whole ticks per token, so the sum over steps in which context grows by a token a sequence is exact: advancing k steps
// at once takes precisely what k single steps take.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "core/base/result.h"
#include "core/ops/lower.h"
#include "sim/request/ticks.h"

namespace moeplan {

// What a step holds, whole replica, totals and not means.
struct StepLoad {
    std::int64_t prompts = 0;            // that have a chunk in it
    std::int64_t prompt_tokens = 0;      // computed in it
    std::int64_t prompt_context = 0;     // tokens before their chunks, summed over prompts
    std::int64_t decoding = 0;           // sequences
    std::int64_t context = 0;            // tokens they hold together
    StepShape shape(double tokens_per_sequence = 1) const;
};

// Steps in a row and the ticks they take.
struct DecodeSpan {
    std::int64_t steps = 0;
    Ticks ticks = 0;
    // Of the last line piece in it: what DecodeRun reports.
};

class StepTimes {
public:
    using Function = std::function<double(const StepShape&)>;   // seconds; >= 0

    // `function` is asked for each number of sequences once, at contexts even in log2, and for every step with prompts.
    // `tokens_per_step`: tokens a decode step yields each sequence (accepted drafts), `stages`: pipeline stages, kept busy
    // by as many microbatches. Not thread-safe: one per thread, shared by its replicas.
    explicit StepTimes(Function function, double tokens_per_step = 1, double longest_context = 131072);

    Ticks step(const StepLoad& load);

    // One decode step of `n` >= 1 sequences that hold `context` tokens together.
    Ticks decode(std::int64_t n, std::int64_t context);

    // A stretch of decode steps in which the time grows evenly: as many as lie on one piece of the line, at most `most`.
    // Step j takes first + j x growth.
    struct Stretch {
        std::int64_t steps = 0;
        Ticks first = 0, growth = 0;
        Ticks ticks(std::int64_t k) const { return first * k + growth * (k * (k - 1) / 2); }
        // The least k >= 1 with ticks(k) >= span, at most `steps`.
        std::int64_t steps_to_cover(Ticks span) const;
    };
    // `grows`: tokens the context gains a step (n, or more with accepted drafts).
    Stretch stretch(std::int64_t n, std::int64_t context, std::int64_t grows, std::int64_t most);

private:
    struct Piece { std::int64_t from = 0; Ticks at = 0; Ticks slope = 0; };   // from this context on
    using Line = std::vector<Piece>;
    const Line& line(std::int64_t n);

    Function function_;
    double tokens_per_step_ = 1;
    double longest_context_ = 0;
    std::vector<Line> lines_;   // by number of sequences; empty = not asked yet
};

}  // namespace moeplan
