#pragma once
// What the closed forms of one replica share: steady_state.cpp has users, static_batch.cpp batches, poisson_load.cpp arrivals at random.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "core/analyse/steady_state.h"

namespace moeplan {

// How a prompt is cut where `running` sequences of one microbatch leave the rest of the budget. A step is one of all microbatches:
// where a prompt's chunks follow each other through the pipeline it takes as many pieces of it, one behind the other.
struct Chunking {
    double chunks = 1;    // steps a prompt's prefill takes
    double tokens = 0;    // new tokens of one chunk, on average
    double context = 0;   // cached tokens before it, on average
    double most = 1;      // chunks that fit one step, all dp ranks and microbatches together
    double full = 0, last = 0;   // new tokens of all chunks but the last, and of that
    double cached = 0;    // tokens before the first
    double room = 1;      // tokens of a prompt that one microbatch takes
    double at_once = 1;   // microbatches of a step that may carry one prompt
    double stages = 1;
    double ranks = 1;     // of attention data parallelism, each with a chunk of its own

    // Each in a microbatch of its own; more than `at_once` where a prompt is never cut over steps.
    double pieces(double new_tokens) const { return at_once > 1 ? std::max(1.0, std::ceil(new_tokens / room - 1e-9)) : 1; }
    // Microbatches that carry `count` chunks.
    double microbatches(double count) const { return std::clamp(count * pieces(tokens), 1.0, stages); }
    // In one of them where chunks have so many tokens, and so many before.
    SequenceGroup group(double count, double new_tokens, double before) const {
        const double n = pieces(new_tokens);
        return {count * n / std::clamp(count * n, 1.0, stages), new_tokens / n, before + new_tokens * (n - 1) / (2 * n)};
    }
    SequenceGroup group(double count) const { return group(count, tokens, context); }
    // How much longer a step with so many chunks takes than one of its microbatches: they fill the pipeline one behind the other.
    // `first`: the share of such steps with none before, behind which it is filled already.
    double filling(double count, double first) const {
        const double rounds = std::ceil(pieces(tokens) / at_once);
        return 1 + (microbatches(count) - 1) / (stages * rounds) * first;
    }
};
Chunking chunking_of(const RequestShape& request, const ReplicaLimits& limits, double running);

// Where prompts wait for each other beside `decoding` sequences: steps a prompt waits on average, and how many then go together.
struct PromptWait {
    double steps = 0;
    double prompts = 1;
};
PromptWait wait_for_others(const RequestShape& request, const ReplicaLimits& limits, double decoding, double prompts_per_step);

// The mean over the chunks of a prompt of a step that carries one of them; `average` is that step with average chunks. Attention's
// time is no straight line in what lies before a chunk, so where there are several each kind is priced.
Result<Cost> price_chunks(StepTimer& timer, const StepShape& average, const Chunking& chunking);

// The same work in so much more time.
Cost stretched(Cost cost, double factor);

// The mean over answers of `output` tokens of a step that only decodes, `average` with sequences half-way. Attention steps up where
// another kernel runs or a wave is full, so a lone sequence is priced at both ends of its deviation from half-way (Gauss-Legendre's
// two nodes: exact for cubics) and not in the middle; of n sequences apart from each other the mean context moves by the root of n less.
Result<Cost> price_decodes(StepTimer& timer, const StepShape& average, double output, double apart);

// Who takes the place of a request that ends, when `running` are always in flight: the next of a user, of which all began
// together, or whoever came at random and waits outside.
enum class Refill : std::uint8_t { users, queue };
Result<ServingPoint> at_running(StepTimer& timer, const RequestShape& request, const ReplicaLimits& limits, double running, Refill refill);

// FLOP/s, bytes/s and tokens a step from the two kinds of steps and their shares.
void fill_work(ServingPoint& point, const ReplicaLimits& limits);

}  // namespace moeplan
