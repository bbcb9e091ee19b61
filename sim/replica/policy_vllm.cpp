#include <algorithm>

#include "sim/replica/policy.h"

namespace moeplan {
namespace {

// Running sequences first: every decode gets its token, prompts that have begun get a chunk of what is left of the budget.
// A running sequence that finds no block costs the last admitted one its cache. Only when nobody lost his, waiting requests
// are admitted in order, each with as much of its prompt as the budget holds, until one does not fit.
class VllmPolicy final : public Policy {
public:
    void compose(Engine& engine, Composition& step) override {
        preempted_ = secure_by_preempting(engine);
        step.decode = engine.decoding().size() > 0;
        PromptRoom room = room_beside(engine, engine.decoding().size());
        preempted_ |= continue_prompts(engine, step, room);
        if (!preempted_) admit(engine, step, room);
        // Victims may have been decoding.
        step.decode = engine.decoding().size() > 0;
    }

    // The step after one that cost somebody his cache admits again.
    std::int64_t steady_steps(const Engine& engine) const override { return preempted_ && engine.waiting() > 0 ? 1 : kForEver; }

private:
    static std::int64_t chunk_of(const Engine& engine, std::int64_t missing, const PromptRoom& room) {
        const std::int64_t most = std::min(room.tokens, room.one);
        // Without chunks a prompt is computed whole, and alone if it is longer than the budget.
        if (!engine.limits().chunked_prefill) return missing <= most || room.tokens == engine.limits().token_budget ? missing : 0;
        return std::min(missing, most);
    }

    static bool continue_prompts(Engine& engine, Composition& step, PromptRoom& room) {
        bool preempted = false;
        for (std::size_t i = 0; i < engine.prefilling().size(); ++i) {
            Sequence& s = *engine.prefilling()[i];
            const std::int64_t tokens = chunk_of(engine, s.missing(), room);
            if (tokens <= 0) continue;
            bool room_found = engine.extend(s, tokens);
            while (!room_found) {
                Sequence& victim = *engine.victim();
                drop_chunk(step, victim, room);
                const bool itself = &victim == &s;
                engine.preempt(victim);
                preempted = true;
                if (itself) break;
                room_found = engine.extend(s, tokens);
            }
            if (!room_found) break;   // it was the last admitted: nobody is left behind it
            step.chunks.push_back({&s, tokens});
            room.tokens -= tokens;
        }
        return preempted;
    }

    static void drop_chunk(Composition& step, const Sequence& victim, PromptRoom& room) {
        std::erase_if(step.chunks, [&](const Chunk& c) {
            if (c.sequence != &victim) return false;
            room.tokens += c.tokens;
            return true;
        });
    }

    static void admit(Engine& engine, Composition& step, PromptRoom& room) {
        while (Sequence* s = engine.next_waiting()) {
            if (engine.running() >= engine.limits().max_sequences) return;
            if (s->missing() == 0) {   // its cache exists: it decodes at once
                if (room.tokens <= 0 || !engine.admit(0)) return;
                --room.tokens;
                continue;
            }
            const std::int64_t tokens = chunk_of(engine, s->prompt - engine.cached_tokens(*s), room);
            if (tokens <= 0 || !engine.admit(tokens)) return;
            step.chunks.push_back({s, tokens});
            room.tokens -= tokens;
        }
    }

    bool preempted_ = false;   // in the step last composed
};

}  // namespace

std::unique_ptr<Policy> make_vllm_policy() { return std::make_unique<VllmPolicy>(); }

}  // namespace moeplan
