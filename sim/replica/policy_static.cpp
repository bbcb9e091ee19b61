#include <algorithm>

#include "sim/replica/policy.h"

namespace moeplan {
namespace {

// Batches: whoever waits when the engine is idle, as many as fit at their longest, is computed together; nobody joins until
// the last of them is done.
class StaticPolicy final : public Policy {
public:
    void compose(Engine& engine, Composition& step) override {
        if (engine.running() == 0) gather(engine);
        PromptRoom room = room_beside(engine, 0);
        if (!engine.limits().chunked_prefill) room = {kForEver, kForEver};   // the whole batch in one pass
        for (Sequence* s : engine.prefilling()) {
            const std::int64_t tokens = std::min({s->missing(), room.tokens, room.one});
            if (tokens <= 0 || !engine.extend(*s, tokens)) break;
            step.chunks.push_back({s, tokens});
            room.tokens -= tokens;
        }
        // Nobody decodes before the last prompt of the batch is computed.
        if (!step.chunks.empty()) return;
        secure_by_preempting(engine);
        step.decode = engine.decoding().size() > 0;
    }

private:
    static void gather(Engine& engine) {
        while (Sequence* s = engine.next_waiting()) {
            if (engine.running() >= engine.limits().max_sequences) return;
            if (engine.reserved() + engine.blocks_at_longest(*s) > engine.blocks().total()) return;
            if (!engine.admit(0)) return;
        }
    }
};

}  // namespace

std::unique_ptr<Policy> make_static_policy() { return std::make_unique<StaticPolicy>(); }

}  // namespace moeplan
