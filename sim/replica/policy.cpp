#include "sim/replica/policy.h"

#include <algorithm>
#include <cmath>

namespace moeplan {

std::unique_ptr<Policy> make_policy(Scheduler scheduler) {
    switch (scheduler) {
        case Scheduler::tensorrt_llm: return make_tensorrt_llm_policy();
        case Scheduler::sglang: return make_sglang_policy();
        case Scheduler::static_batch: return make_static_policy();
        case Scheduler::automatic:
        case Scheduler::vllm: break;
    }
    return make_vllm_policy();
}

std::int64_t ranks_of(const EngineLimits& limits) {
    return std::max<std::int64_t>(1, limits.token_budget / std::max<std::int64_t>(1, limits.rank_budget));
}

std::int64_t chunk_room(const EngineLimits& limits, std::int64_t decoding) {
    const auto each = static_cast<std::int64_t>(std::ceil(limits.accepted_per_step));
    return std::max<std::int64_t>(1, limits.rank_budget - decoding * each / ranks_of(limits));
}

std::int64_t chunk_of(const Engine& engine, std::int64_t missing, const PromptRoom& room, std::int64_t unit) {
    const std::int64_t most = std::min(room.tokens, room.one);
    if (missing <= most) return missing;
    if (engine.limits().whole_prompts && missing <= room.whole) return 0;
    if (!engine.limits().chunked_prefill) return room.tokens == engine.limits().token_budget ? missing : 0;
    // An empty step holds at least a chunk, however small its budget.
    unit = std::min({unit, engine.limits().token_budget, engine.limits().rank_budget});
    return std::max<std::int64_t>(0, most - most % std::max<std::int64_t>(1, unit));
}

PromptRoom room_beside(const Engine& engine, std::int64_t decoding) {
    const EngineLimits& limits = engine.limits();
    const auto each = static_cast<std::int64_t>(std::ceil(limits.accepted_per_step));
    PromptRoom room;
    room.tokens = limits.token_budget - decoding * each;
    room.one = limits.pipelined_chunks * chunk_room(limits, decoding);
    room.whole = std::min(room.tokens, room.one);
    return room;
}

bool secure_by_preempting(Engine& engine) {
    bool preempted = false;
    while (!engine.secure_decode()) {
        engine.preempt(*engine.victim());
        preempted = true;
    }
    return preempted;
}

}  // namespace moeplan
