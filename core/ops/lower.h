#pragma once
// model x precision x layout x step shape -> ops of the slowest rank of one pipeline stage, times the stages.
// Which ops a layer becomes, their sizes and sources: docs/method.md, "Ops of a layer".

#include <vector>

#include "core/model/model_spec.h"
#include "core/model/precision.h"
#include "core/ops/op.h"
#include "core/parallel/layout.h"
#include "core/routing/routing.h"

namespace moeplan {

// `sequences` sequences that each process new_tokens on top of `context` cached ones.
struct SequenceGroup {
    double sequences = 0;
    double new_tokens = 0;
    double context = 0;
    double tokens() const { return sequences * new_tokens; }
};

// One engine step of one replica: prefill chunks and decodes together.
struct StepShape {
    SequenceGroup prefill;
    SequenceGroup decode;   // new_tokens is 1 (or the draft length of speculative decoding)
    double tokens() const { return prefill.tokens() + decode.tokens(); }
};

struct LoweringContext {
    const ModelSpec* model = nullptr;
    Precision precision;
    Layout layout;
    const ExpertLoadTable* expert_load = nullptr;  // for ep ranks; null for dense models
    std::int64_t gpus_per_node = 8;                // beyond it a group crosses nodes
    double experts_on_host = 0;                    // fraction of routed-expert weights kept in host memory
    // Of logits turned into tokens. Read and written once in fp32: the likeliest token, or one drawn from all.
    double sampler_kernels = 1, sampler_bytes_per_logit = 8;
};

// Appends to `ops` (cleared first) so that a sweep reuses one buffer. The time of the listed ops is the time
// of a token's way through all pipeline stages; with pp > 1 and several microbatches in flight the
// throughput is higher by at most pp (analyse/ does that).
void lower(const LoweringContext& context, const StepShape& step, std::vector<Op>& ops);

}  // namespace moeplan
