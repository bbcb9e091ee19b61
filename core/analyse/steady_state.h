#pragma once
// Closed forms of one replica serving a load for ever: running sequences, mixed prefill and decode steps,
// TTFT, TPOT, throughput. Derivation in docs/method.md, "Steady state".

#include <algorithm>
#include <optional>

#include "core/analyse/step_timer.h"
#include "core/base/estimate.h"
#include "core/base/result.h"

namespace moeplan {

// Mean lengths of a request, and the share of the prompt that is already cached.
struct RequestShape {
    double input = 0;
    double output = 0;
    double prefix_shared = 0;
    // All requests equally long. Users of a closed loop then stay in step: whose prompts shared a step finish together, come back
    // together and share a step again, one such group after the other; any spread of lengths tears them apart.
    bool equal_lengths = false;
    // Requests each user of a closed loop sends, the first of all users at once; absent = for ever, the start forgotten.
    std::optional<double> per_user{};

    double cached_tokens() const { return input * prefix_shared; }
    // What is left to compute of a prompt: a token at least, for the first answer comes out of it.
    double new_tokens() const { return std::max(1.0, input * (1 - prefix_shared)); }
};

// What bounds a replica besides time.
struct ReplicaLimits {
    double max_sequences = 0;     // by memory and by the engine, whole replica, ages mixed
    double max_together = 0;      // the same when all reach their longest together (static batches)
    double token_budget = 0;      // tokens a step of one attention-dp rank may hold; each pipeline microbatch has its own
    double dp = 1;                // attention-dp ranks; a prompt lies on one of them
    double stages = 1;            // pipeline stages, kept busy by as many microbatches; a step is one of all of them
    bool pipelined_chunks = false;   // microbatches of a step may carry the same prompt, a chunk each
    bool chunked_prefill = true;
    bool whole_prompts = false;   // a step takes prompts whole where they fit it
    bool async_scheduling = false;   // who comes during a step joins the one after the next
    double accepted_per_step = 1; // speculative decoding: tokens a decode step yields
    Estimate request_overhead_s;  // before a request reaches the scheduler
    BatchWait batch_wait;         // prompts wait for each other
};

struct ServingPoint {
    Estimate ttft_s, tpot_s, e2e_s;
    Estimate requests_per_s;      // of one replica
    double running = 0;           // sequences in flight on the replica
    double waiting = 0;           // requests outside, for want of memory or slots
    double saturation = 0;        // offered rate over the highest sustainable one; 1 for a closed loop at its limit
    bool saturated = false;       // Poisson beyond capacity: times are of the full replica, queues grow for ever
    double tokens_per_step = 0;   // of the average step, whole replica
    StepShape decode_step;        // for breakdowns
    StepShape prefill_step;
    Cost decode, mixed;           // the two kinds of steps
    double mixed_share = 0;       // steps that carry prefill
    double prompt_microbatches = 1;   // that do, of a pipeline, in such a step
    double flops_per_s = 0, bytes_per_s = 0;  // per GPU, average step
};

// `concurrency` users of this replica each send the next request when answered.
Result<ServingPoint> closed_loop(StepTimer& timer, const RequestShape& request, const ReplicaLimits& limits, double concurrency);

// Requests arrive at `rate` per second (memoryless).
Result<ServingPoint> poisson(StepTimer& timer, const RequestShape& request, const ReplicaLimits& limits, double rate);

// `batch` requests are prefilled together, then decoded together to the end; more than fit run in waves.
Result<ServingPoint> static_batch(StepTimer& timer, const RequestShape& request, const ReplicaLimits& limits, double batch);

}  // namespace moeplan
