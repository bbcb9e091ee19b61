#include <algorithm>
#include <optional>

#include "sim/replica/policy.h"

namespace moeplan {
namespace {

// TensorRT-LLM's in-flight batching with its default, GUARANTEED_NO_EVICT.
//
//   * A request is admitted only when the blocks that all admitted ones may need at their longest, and its own, exist: nobody
//     ever loses his cache. The first that does not fit ends admission.
//   * A step decodes everybody and takes prompts in order. One that exceeds what is left of the budget is cut to whole
//     blocks.
//   * Where the engine waits for prompts to come together, a step with decodes takes none until they and the decodes fill a
//     share of the budget or that many steps were passed over; then the count begins anew.
//
// Source: NVIDIA/TensorRT-LLM cpp/tensorrt_llm/batch_manager/capacityScheduler.cpp (GuaranteedNoEvictScheduler),
// scheduledBlocksManager.h, kvCacheManager.cpp (getRemainingBlocksToCompletion), microBatchScheduler.cpp
// (setCtxRequestsChunkSize, first come first served); tensorrt_llm/_torch/pyexecutor/py_executor.py (_waiting_requests).
class TensorRtLlmPolicy final : public Policy {
public:
    void compose(Engine& engine, Composition& step) override {
        secure_by_preempting(engine);   // what is set aside suffices: it only takes the blocks
        waits_ = waits(engine);
        if (waits_) {
            step.decode = true;
            return;
        }
        PromptRoom room = room_beside(engine, engine.decoding().size());
        for (Sequence* s : engine.prefilling()) take(engine, step, room, *s);
        while (Sequence* s = engine.next_waiting()) {
            if (!fits(engine, *s) || room.tokens <= 0) break;
            const std::int64_t missing = missing_of(engine, *s);
            const std::int64_t tokens = chunk_of(engine, missing, room, engine.limits().block_tokens);
            if ((missing > 0 && tokens <= 0) || !engine.admit(tokens)) break;
            if (missing > 0) step.chunks.push_back({s, tokens});
            room.tokens -= std::max<std::int64_t>(1, tokens);
        }
        step.decode = engine.decoding().size() > 0;
    }

    std::int64_t steady_steps(const Engine& engine) const override {
        return waits_ ? engine.limits().batch_wait.steps - passed_over(engine) : kForEver;
    }

private:
    static std::int64_t missing_of(const Engine& engine, const Sequence& s) { return s.missing() == 0 ? 0 : s.prompt - engine.cached_tokens(s); }

    static bool fits(const Engine& engine, const Sequence& s) {
        return engine.running() < engine.limits().max_sequences && engine.reserved() + engine.blocks_at_longest(s) <= engine.blocks().total();
    }

    std::int64_t passed_over(const Engine& engine) const { return engine.decoding().step() - *since_; }

    bool waits(const Engine& engine) {
        const BatchWait& wait = engine.limits().batch_wait;
        const std::int64_t prompts = wait.steps > 0 && engine.decoding().size() > 0 ? prompts_to_take(engine) : 0;
        if (prompts == 0) {
            since_.reset();
            return false;
        }
        if (!since_) since_ = engine.decoding().step();
        const bool enough = static_cast<double>(engine.decoding().size() + prompts) >= wait.fill * static_cast<double>(engine.limits().token_budget);
        if (!enough && passed_over(engine) < wait.steps) return true;
        since_.reset();
        return false;
    }

    // Tokens of the prompts a step would take now, budget aside; none where the first to come is one computed elsewhere.
    static std::int64_t prompts_to_take(const Engine& engine) {
        std::int64_t tokens = 0;
        for (const Sequence* s : engine.prefilling()) tokens += s->missing();
        std::int64_t sequences = engine.running(), blocks = engine.reserved();
        engine.waiting_while([&](const Sequence& s) {
            blocks += engine.blocks_at_longest(s);
            const bool taken = s.missing() > 0 && ++sequences <= engine.limits().max_sequences && blocks <= engine.blocks().total() &&
                               tokens < engine.limits().token_budget;
            if (taken) tokens += missing_of(engine, s);
            return taken;
        });
        return tokens;
    }

    static void take(Engine& engine, Composition& step, PromptRoom& room, Sequence& s) {
        const std::int64_t tokens = chunk_of(engine, s.missing(), room, engine.limits().block_tokens);
        if (tokens <= 0 || !engine.extend(s, tokens)) return;
        step.chunks.push_back({&s, tokens});
        room.tokens -= tokens;
    }

    std::optional<std::int64_t> since_;   // decode step from which prompts wait
    bool waits_ = false;                  // in the step last composed
};

}  // namespace

std::unique_ptr<Policy> make_tensorrt_llm_policy() { return std::make_unique<TensorRtLlmPolicy>(); }

}  // namespace moeplan
