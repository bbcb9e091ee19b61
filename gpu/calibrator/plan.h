#pragma once
// What a calibration may measure: candidate kernels by family and number format, only what the worker offers and can
// hold, each with how much of the time it stands for. Which of them are measured is chosen later (calibrate.h).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kernels/kernel.h"
#include "core/model/model_spec.h"
#include "core/kernels/weighted_op.h"
#include "gpu/protocol/protocol.h"

namespace moeplan {

struct PlanGroup {
    KernelFamily family = KernelFamily::gemm;
    std::string format;              // as format_of()
    double share = 0;                // of the budget; all groups of a plan add up to 1
    std::vector<Kernel> kernels;     // distinct, each runs on the worker
    std::vector<double> weights;     // one for each kernel, > 0
};

struct CalibrationPlan {
    std::vector<PlanGroup> groups;
    std::vector<std::string> left_out;   // "collective: the worker has 1 device"; for people, each reason once
    std::size_t size() const;            // kernels of all groups
};

// What a kernel may take, so that no probe is asked for that cannot run or lasts too long.
struct KernelBounds {
    double bytes = 0;    // memory_of()
    double flops = 0;    // work_of(): one execution
};
// A third of the worker's memory: workers turn through several copies of what they read, and need room of their own. On
// a CPU filling the operands takes longer than the kernel, seconds for each GiB, so at most 256 MiB, many times its
// caches; and 2e9 operations for each thread, so that a probe of a fifth of a second holds several executions.
KernelBounds bounds_of(const WorkerHello& hello);

// Catalog ids of the models whose shapes a calibration covers unless it is told what to predict: dense and MoE, from
// 0.5 B to 1 T parameters, so that new models lie between them.
const std::vector<std::string>& well_known_models();

// (a) Grids over the shapes of `models` split over 1, 2, 4 and 8 GPUs: dense and expert shapes with 1 to 16384 tokens,
// balanced and skewed loads, attention over batches and contexts; and over copies, launches, router, dispatch, combine,
// activation and collectives. As many shapes lie between those of the models (plan_shapes.h). Families share the budget by how much of a step's time they usually are.
CalibrationPlan default_plan(const std::vector<ModelSpec>& models, const WorkerHello& hello);

// (b) Around what a study does: each op as a kernel, and with half and twice its tokens, sequences or context. Families
// share the budget by the seconds their ops stand for. Ops that no kernel stands for are named in left_out.
CalibrationPlan plan_for(const std::vector<WeightedOp>& ops, const WorkerHello& hello);

// The kernel an op would be measured by; nothing for those that none stands for. A pass over memory is a copy.
std::optional<Kernel> kernel_of(const OpKind& op);

// A kernel as one text that no other kernel has: what asks for it, without a number of its own.
std::string key_of(const Kernel& kernel);

// Sixteen hex digits that change with the kernels, their order, weights or shares.
std::string plan_hash(const CalibrationPlan& plan);

}  // namespace moeplan
