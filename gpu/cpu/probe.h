#pragma once
// A kernel ready to be timed on this processor, its data random and in the cache state of real use:
//   * weights and KV caches come from memory. A model's other layers pass between two uses of one layer's, so each run
//     takes the next of several copies; between two uses of a copy at least twice the last-level cache of others is
//     read.
//   * what the kernel before would have just written (rows, scores, queries) is written anew before each run, so that
//     it is in the caches if it fits.
// The same holds in the transformer step (gpu/cpu/transformer_step.h), which is why its kernels' times add up to its
// time.

#include <cstdint>
#include <memory>
#include <string>

#include "core/kernels/kernel.h"
#include "gpu/protocol/protocol.h"

namespace moeplan::cpu {

class CpuProbe {
public:
    virtual ~CpuProbe() = default;
    // Before each run, not timed.
    virtual void prepare() {}
    virtual void run() = 0;
    virtual std::string implementation() const = 0;
};

// What this program offers, as told to the calibrator.
WorkerHello describe_worker();

// Requires: check_kernel() is empty and describe_worker().supports(kernel). Throws std::bad_alloc, std::runtime_error.
std::unique_ptr<CpuProbe> make_probe(const Kernel& kernel);
std::unique_ptr<CpuProbe> make_gemm_probe(const GemmKernel& kernel);
std::unique_ptr<CpuProbe> make_expert_probe(const ExpertKernel& kernel);
std::unique_ptr<CpuProbe> make_attention_probe(const AttentionKernel& kernel);
std::unique_ptr<CpuProbe> make_router_probe(const RouterKernel& kernel);
std::unique_ptr<CpuProbe> make_permute_probe(const PermuteKernel& kernel);
std::unique_ptr<CpuProbe> make_activation_probe(const ActivationKernel& kernel);
std::unique_ptr<CpuProbe> make_copy_probe(const CopyKernel& kernel);
std::unique_ptr<CpuProbe> make_launch_probe(const LaunchKernel& kernel);

// Copies of `bytes` to rotate through so that none is still in the last-level cache when its turn comes.
std::int64_t rotating_copies(std::int64_t bytes);

// Memory it takes to probe the kernel: memory_of(), the copies rotated through, and weights before they are packed.
Bytes probe_bytes(const Kernel& kernel);

// Answers one request. Never throws: what goes wrong is in the reply. Refuses what does not fit into available_bytes().
ProbeReply answer(const ProbeRequest& request);

}  // namespace moeplan::cpu
