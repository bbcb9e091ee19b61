#include <algorithm>

#include "sim/replica/policy.h"

namespace moeplan {
namespace {

// TensorRT-LLM's in-flight batching with its default, GUARANTEED_NO_EVICT.
//
//   * A request is admitted only when the blocks that all admitted ones may need at their longest, and its own, exist: nobody
//     ever loses his cache. The first that does not fit ends admission.
//   * A step decodes everybody and takes prompts in order. One that exceeds what is left of the budget is cut to whole
//     blocks.
//
// Source: NVIDIA/TensorRT-LLM cpp/tensorrt_llm/batch_manager/capacityScheduler.cpp (GuaranteedNoEvictScheduler),
// scheduledBlocksManager.h, kvCacheManager.cpp (getRemainingBlocksToCompletion), microBatchScheduler.cpp
// (setCtxRequestsChunkSize, first come first served).
class TensorRtLlmPolicy final : public Policy {
public:
    void compose(Engine& engine, Composition& step) override {
        secure_by_preempting(engine);   // what is set aside suffices: it only takes the blocks
        PromptRoom room = room_beside(engine, engine.decoding().size());
        for (Sequence* s : engine.prefilling()) take(engine, step, room, *s);
        while (Sequence* s = engine.next_waiting()) {
            if (engine.running() >= engine.limits().max_sequences || room.tokens <= 0) break;
            if (engine.reserved() + engine.blocks_at_longest(*s) > engine.blocks().total()) break;
            const std::int64_t missing = s->missing() == 0 ? 0 : s->prompt - engine.cached_tokens(*s);
            const std::int64_t tokens = chunk_of(engine, missing, room, engine.limits().block_tokens);
            if ((missing > 0 && tokens <= 0) || !engine.admit(tokens)) break;
            if (missing > 0) step.chunks.push_back({s, tokens});
            room.tokens -= std::max<std::int64_t>(1, tokens);
        }
        step.decode = engine.decoding().size() > 0;
    }

private:
    static void take(Engine& engine, Composition& step, PromptRoom& room, Sequence& s) {
        const std::int64_t tokens = chunk_of(engine, s.missing(), room, engine.limits().block_tokens);
        if (tokens <= 0 || !engine.extend(s, tokens)) return;
        step.chunks.push_back({&s, tokens});
        room.tokens -= tokens;
    }
};

}  // namespace

std::unique_ptr<Policy> make_tensorrt_llm_policy() { return std::make_unique<TensorRtLlmPolicy>(); }

}  // namespace moeplan
