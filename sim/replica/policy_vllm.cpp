#include <algorithm>

#include "sim/replica/policy.h"

namespace moeplan {
namespace {

// vLLM's V1 engine.
//
//   * Running sequences first, in the order of their admission: every decode gets its token, a prompt that has begun a chunk
//     of what is left of the budget.
//   * A running sequence that finds no block costs the last admitted one (the least urgent, under priorities) its cache; it
//     goes to the front of the queue.
//   * Waiting requests only in a step that cost nobody his cache, in order, until one does not fit: its chunk in the
//     budget, and all its known tokens in the free blocks.
//
// Source: vllm-project/vllm vllm/v1/core/sched/scheduler.py (schedule, _preempt_request); vllm/v1/core/kv_cache_manager.py
// (allocate_slots, full_sequence_must_fit); vllm/config/scheduler.py (scheduler_reserve_full_isl, true by default).
//
// The engine itself only recomputes; swapping is an option here.
class VllmPolicy final : public Policy {
public:
    void compose(Engine& engine, Composition& step) override {
        do {
            preempted_ = secure_by_preempting(engine);
            PromptRoom room = room_beside(engine, engine.decoding().size());
            preempted_ |= continue_prompts(engine, step, room);
            if (!preempted_) admit(engine, step, room);
            // Victims may have been decoding.
            step.decode = engine.decoding().size() > 0;
            // A prompt that was its own victim leaves an empty step, and the next one at once.
        } while (preempted_ && step.chunks.empty() && !step.decode);
    }

    // The step after one that cost somebody his cache admits again.
    std::int64_t steady_steps(const Engine& engine) const override {
        return preempted_ && engine.waiting() > 0 ? 1 : kForEver;
    }

private:
    static bool continue_prompts(Engine& engine, Composition& step, PromptRoom& room) {
        bool preempted = false;
        for (std::size_t i = 0; i < engine.prefilling().size(); ++i) {
            Sequence& s = *engine.prefilling()[i];
            const std::int64_t tokens = chunk_of(engine, s.missing(), room);
            if (tokens <= 0) continue;
            bool room_found = engine.extend(s, tokens);
            while (!room_found) {
                Sequence& victim = *engine.victim();
                drop_chunk(step, victim, room);   // under priorities it may have had its own already
                const bool itself = &victim == &s;
                engine.preempt(victim);
                preempted = true;
                if (itself) return true;
                room_found = engine.extend(s, tokens);
            }
            // Those before it may have lost their place.
            i = static_cast<std::size_t>(std::ranges::find(engine.prefilling(), &s) - engine.prefilling().begin());
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
            const std::int64_t missing = s->prompt - engine.cached_tokens(*s);
            const std::int64_t tokens = chunk_of(engine, missing, room);
            if (tokens <= 0 || engine.blocks_to_admit(*s, missing) > engine.blocks().available()) return;
            if (!engine.admit(tokens)) return;
            step.chunks.push_back({s, tokens});
            room.tokens -= tokens;
        }
    }

    bool preempted_ = false;   // in the step last composed
};

}  // namespace

std::unique_ptr<Policy> make_vllm_policy() { return std::make_unique<VllmPolicy>(); }

}  // namespace moeplan
