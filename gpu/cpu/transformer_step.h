#pragma once
// One decode step of a small mixture-of-experts transformer, made of the kernels that are probed, with data flowing
// from one to the next: what a prediction from those probes is held against. Layers have weights and caches of their
// own, so that they come from memory as in a large model. The router runs, but the loads of the experts are the given
// ones, so that every layer is the same kernels. Left out: embedding lookup, rotary embedding (its pass over memory is
// there), sampling.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "gpu/protocol/step.h"

namespace moeplan::cpu {

struct StepShape {
    std::int64_t layers = 4, hidden = 2048, heads = 16, kv_heads = 4, head_dim = 128;
    std::int64_t experts = 16, top_k = 2, width = 1024;
    std::int64_t sequences = 16, context = 1024, vocabulary = 16384;
    double alpha = 0;  // skew of the experts' loads, as in example_loads()
    bool exchange =
        false;  // dispatch and combine as kernels of their own around the experts, as with expert parallelism
    NumberFormat format = NumberFormat::bf16;
};

// "hidden=2048,layers=4,experts=16,format=fp32": what is not named keeps its default. Errors: unknown keys with the
// nearest one, values that are not whole numbers, sizes that do not fit together.
Result<StepShape> parse_step(const std::string& text);
std::string to_text(const StepShape& shape);

// Memory of weights, caches and rows.
Bytes step_bytes(const StepShape& shape);
// Weights and caches one step reads.
Bytes streamed_bytes(const StepShape& shape);

// What one step executes, in order of first use.
std::vector<StepKernel> step_kernels(const StepShape& shape);

class TransformerStep {
public:
    virtual ~TransformerStep() = default;
    // Called, when given, after each kernel with its index in step_kernels().
    using Lap = std::function<void(std::size_t)>;
    virtual void run(const Lap& lap = {}) = 0;
    // The stream after the last step, to fp32: [sequences][hidden]; and the head's scores [sequences][vocabulary].
    virtual std::vector<float> stream() const = 0;
    virtual std::vector<float> logits() const = 0;
};

// Throws std::bad_alloc, std::runtime_error.
std::unique_ptr<TransformerStep> make_step(const StepShape& shape);

}  // namespace moeplan::cpu
