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

PromptRoom room_beside(const Engine& engine, std::int64_t decoding) {
    const EngineLimits& limits = engine.limits();
    const auto each = static_cast<std::int64_t>(std::ceil(limits.accepted_per_step));
    const std::int64_t ranks = std::max<std::int64_t>(1, limits.token_budget / std::max<std::int64_t>(1, limits.rank_budget));
    PromptRoom room;
    room.tokens = limits.token_budget - decoding * each;
    room.one = std::max<std::int64_t>(1, limits.rank_budget - decoding * each / ranks);
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
