#pragma once
// A serving engine's terms: what it keeps for itself and what it costs per step. From catalog/engines.yaml.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/estimate.h"
#include "core/base/units.h"
#include "core/hardware/device_spec.h"
#include "core/hardware/engine_version.h"

namespace moeplan {

// What a server started without flags takes on some devices in place of its usual figures, and what a step with prompts costs it there.
struct DeviceDefaults {
    Bytes below;                     // of memory software sees
    std::vector<std::string> also;   // devices with any of these in their id, whatever their memory
    std::optional<std::int64_t> max_sequences, token_budget;
    std::optional<Estimate> prefill_overhead_s{};
};

// What it takes to draw a step's tokens from the top k or top p of their logits: kernels, and what they move in all for a logit.
struct Filtering {
    double kernels = 1, bytes_per_logit = 8;
    bool operator==(const Filtering&) const = default;
};

// What a server took before a version of its engine in place of its figures of today.
struct VersionDefaults {
    EngineVersion before;
    std::optional<double> memory_fraction;
    std::optional<bool> async_scheduling;
    std::optional<Filtering> filtering;
};

// Beside decodes prompts wait for each other, so that fewer and fuller steps carry them: until they fill a share of the token
// budget together with the decodes, or have waited so many steps. Source: docs/method.md, "Schedulers".
struct BatchWait {
    std::int64_t steps = 0;   // 0: nobody waits
    double fill = 1;          // of the token budget
    bool operator==(const BatchWait&) const = default;
};

struct EngineSpec {
    std::string id;                 // "vllm"
    std::string name;               // "vLLM"
    double memory_fraction = 1.0;   // of device memory the engine may use
    Bytes reserved;                 // CUDA context, libraries, graphs: outside weights and KV
    Bytes communicator;             // per GPU when more than one GPU works together
    std::int64_t block_tokens = 16; // KV block size
    std::int64_t max_sequences = 256;
    std::int64_t token_budget = 8192;  // tokens a step may hold (chunked prefill)
    bool chunked_prefill = true;       // false: prefill steps run alone
    bool continuous_batching = true;   // false: static batches
    bool host_offload = false;         // can keep experts in host memory
    // true: cache blocks are taken as a sequence grows (and sequences preempted when they run out);
    // false: a sequence starts only when blocks for its longest output are free.
    bool kv_on_demand = true;
    // Prompts are not cut over steps where they fit one beside what decodes (chunked prefill off); others are, of necessity.
    bool whole_prompts = false;
    // With pipeline stages the chunks of one prompt follow each other through them; otherwise the next one starts when the one
    // before is through.
    bool pipelined_chunks = false;
    // The next step is composed while one runs (vLLM's async scheduling, TensorRT-LLM's and SGLang's overlap): a request that
    // comes during a step joins the one after the next.
    bool async_scheduling = false;
    BatchWait batch_wait;              // as a study asks for it: see can_batch_wait()
    Estimate step_overhead_s;          // host time per engine step, not hidden behind the GPU
    Estimate sequence_overhead_s;      // per running sequence and step (scheduling, detokenising)
    Estimate request_overhead_s;       // from a request's arrival to the scheduler: HTTP, tokenising, queues between processes
    Estimate kernel_launch_s;          // per kernel inside a captured graph or stream
    // A step that carries prompts and more than graph_tokens tokens on a rank is not replayed from graphs: host time of the
    // step, which the GPU waits for, and of each layer, launched while the GPU works on those before.
    Estimate prefill_overhead_s, prefill_layer_s;
    std::int64_t graph_tokens = 0;     // of a catalog: see captured_tokens(); 0 = decodes only
    std::optional<Filtering> filtering;   // of tokens drawn from the top k or top p; absent = nobody knows
    // What whole steps of measured servers are off by beside what their kernels and the terms above are each known to: a ratio
    // around 1, ends 5 and 95 %. Independent of those. docs/calibration.md, "How sure a server's step is".
    Estimate step_error = Estimate::exact(1);
    // What first tokens are off by beside the steps they wait for and their own: how arrivals bunch up. As step_error.
    Estimate first_token_error = Estimate::exact(1);
    std::vector<Datum> sources;
    std::vector<std::string> aliases;   // "trtllm"
    std::vector<DeviceDefaults> on_devices;   // the first that the device falls under holds
    std::vector<VersionDefaults> versions;    // every one that the version is before holds, the oldest last
};

// The largest step with prompts that an engine captures when its own graph_tokens hold: two tokens for each sequence it may run.
std::int64_t captured_tokens(const EngineSpec& engine);

// TensorRT-LLM alone has the option.
bool can_batch_wait(const EngineSpec& engine);

// The engine as it was in that version.
EngineSpec of_version(EngineSpec engine, const EngineVersion& version);

// What holds on that device in place of the usual; null: nothing does.
const DeviceDefaults* defaults_on(const EngineSpec& engine, const DeviceSpec& device);

// The engine as it starts on that device.
EngineSpec on_device(EngineSpec engine, const DeviceSpec& device);

}  // namespace moeplan
