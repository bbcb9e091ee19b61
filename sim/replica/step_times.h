#pragma once
// Times of engine steps in whole ticks, and of many decode steps at once in closed form.
//
// For every number of sequences the time of a decode step is a line in pieces over the context they hold together; slopes
// are whole ticks per token, so the sum over steps in which context grows evenly is exact: advancing k steps at once takes
// precisely what k single steps take.

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/base/estimate.h"
#include "core/ops/lower.h"
#include "sim/request/ticks.h"

namespace moeplan {

// What a step holds, whole replica, totals and not means.
struct StepLoad {
    std::int64_t chunks = 0;             // of prompts, each in one microbatch
    std::int64_t prompt_tokens = 0;      // computed in it
    std::int64_t prompt_context = 0;     // tokens before them, summed over chunks
    std::int64_t decoding = 0;           // sequences
    std::int64_t context = 0;            // tokens they hold together
    std::int64_t rounds = 1;             // of all microbatches, where a prompt takes more chunks than there are of these
};

// Decode steps in a row whose time grows evenly: step j (from 0) takes first + j x growth.
struct Stretch {
    std::int64_t steps = 0;
    Ticks first = 0, growth = 0;
    Ticks ticks(std::int64_t k) const { return first * k + growth * (k * (k - 1) / 2); }
    // The least k >= 1 with ticks(k) >= span; at most `steps`.
    std::int64_t steps_to_cover(Ticks span) const;
};

// Which edge of the cost source's interval a run takes.
enum class StepCase : std::uint8_t { central, optimistic, pessimistic };

struct StepTimesOptions {
    double computed_per_step = 1;     // tokens a decode step computes for each sequence (accepted drafts)
    double stages = 1;                // pipeline stages, kept busy by as many microbatches
    double longest_context = 131072;  // of a sequence; beyond it the last slope goes on
};

// Not thread-safe (it remembers what it asked): one per thread, shared by the replicas that are alike.
class StepTimes {
public:
    using Function = std::function<Estimate(const StepShape&)>;   // seconds >= 0 of one replica's step

    explicit StepTimes(Function function, const StepTimesOptions& options = {});

    void use(StepCase which) { case_ = static_cast<std::size_t>(which); }

    // A step that carries prompts. All microbatches advance at the pace of those with a chunk, for behind these the others
    // wait at every stage; where no step with prompts went before, the second and further ones are a stage each behind the first.
    Ticks prompt_step(const StepLoad& load, bool behind_prompts = false) const;

    // Steps of `n` >= 1 sequences that hold `context` tokens together and gain `grows` a step: as many as lie on one piece,
    // at most `most` >= 1.
    Stretch stretch(std::int64_t n, std::int64_t context, std::int64_t grows, std::int64_t most);

private:
    struct Piece {
        std::int64_t from = 0;   // tokens of all sequences
        Ticks at = 0, slope = 0; // ticks there, and more for each further token
    };
    using Line = std::vector<Piece>;

    void ask(std::int64_t n);

    Function function_;
    StepTimesOptions options_;
    std::size_t case_ = 0;
    std::vector<std::array<Line, 3>> lines_;   // by number of sequences; empty = not asked yet
};

}  // namespace moeplan
