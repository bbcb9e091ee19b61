#include <algorithm>

#include "sim/replica/policy.h"

namespace moeplan {
namespace {

// In-flight batching that never evicts: a request is admitted only when the blocks that all admitted ones may need at their
// longest, and its own, exist. A step decodes everybody and takes prompts up to the token budget, in order.
class TensorRtLlmPolicy final : public Policy {
public:
    void compose(Engine& engine, Composition& step) override {
        secure_by_preempting(engine);   // never has to, unless requests with a cache from elsewhere came in
        step.decode = engine.decoding().size() > 0;
        PromptRoom room = room_beside(engine, engine.decoding().size());
        for (Sequence* s : engine.prefilling()) take(engine, step, room, *s);
        while (Sequence* s = engine.next_waiting()) {
            if (engine.running() >= engine.limits().max_sequences || room.tokens <= 0) break;
            if (engine.reserved() + engine.blocks_at_longest(*s) > engine.blocks().total()) break;
            const std::int64_t missing = s->missing() == 0 ? 0 : s->prompt - engine.cached_tokens(*s);
            const std::int64_t tokens = chunk_of(engine, missing, room);
            if ((missing > 0 && tokens <= 0) || !engine.admit(tokens)) break;
            if (missing > 0) step.chunks.push_back({s, tokens});
            room.tokens -= std::max<std::int64_t>(1, tokens);
        }
        step.decode = engine.decoding().size() > 0;
    }

private:
    static std::int64_t chunk_of(const Engine& engine, std::int64_t missing, const PromptRoom& room) {
        const std::int64_t most = std::min(room.tokens, room.one);
        if (!engine.limits().chunked_prefill) return missing <= most || room.tokens == engine.limits().token_budget ? missing : 0;
        return std::min(missing, most);
    }

    static void take(Engine& engine, Composition& step, PromptRoom& room, Sequence& s) {
        const std::int64_t tokens = chunk_of(engine, s.missing(), room);
        if (tokens <= 0 || !engine.extend(s, tokens)) return;
        step.chunks.push_back({&s, tokens});
        room.tokens -= tokens;
    }
};

}  // namespace

std::unique_ptr<Policy> make_tensorrt_llm_policy() { return std::make_unique<TensorRtLlmPolicy>(); }

}  // namespace moeplan
