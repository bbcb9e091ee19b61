#include <algorithm>

#include "sim/replica/policy.h"

namespace moeplan {
namespace {

// Prompts first, alone: as long as a waiting request can be admitted, steps carry prompts only and decodes stand still.
// Admission leaves room for a share of the output the running ones may still ask for; the share falls with every decode
// step and rises again when memory ran out and a sequence had to be taken back.
class SglangPolicy final : public Policy {
public:
    void compose(Engine& engine, Composition& step) override {
        decay(engine);
        prompts(engine, step);
        if (!step.chunks.empty()) return;
        retracted_ = secure_by_preempting(engine);
        if (retracted_) raise(engine);
        step.decode = engine.decoding().size() > 0;
    }

    // While somebody waits, the share that falls with every step may let him in.
    std::int64_t steady_steps(const Engine& engine) const override {
        return engine.waiting() > 0 && (retracted_ || share_ > kFirstShare * kLeastOfFirst) ? 1 : kForEver;
    }

private:
    // Source: sgl-project/sglang python/sglang/srt/environ.py (SGLANG_INIT_NEW_TOKEN_RATIO and its neighbours).
    static constexpr double kFirstShare = 0.7, kLeastOfFirst = 0.14, kStepsToLeast = 600;
    static constexpr std::int64_t kMostOutputCounted = 4096;   // CLIP_MAX_NEW_TOKENS

    void decay(const Engine& engine) {
        const std::int64_t steps = engine.decoding().step() - seen_step_;
        seen_step_ = engine.decoding().step();
        const double least = kFirstShare * kLeastOfFirst;
        share_ = std::max(least, share_ - static_cast<double>(steps) * (kFirstShare - least) / kStepsToLeast);
    }

    // As much as the running ones have used of what they may ask for, and a little more.
    void raise(const Engine& engine) {
        const auto to_come = static_cast<double>(std::max<std::int64_t>(1, engine.tokens_to_come()));
        const auto have = static_cast<double>(engine.decoding().context());
        share_ = std::clamp(std::max(share_, have / (have + to_come)), kFirstShare * kLeastOfFirst, 1.0);
    }

    void prompts(Engine& engine, Composition& step) {
        PromptRoom room = room_beside(engine, 0);
        for (Sequence* s : engine.prefilling()) {
            const std::int64_t tokens = std::min({s->missing(), room.tokens, room.one});
            if (tokens <= 0 || !engine.extend(*s, tokens)) return;
            step.chunks.push_back({s, tokens});
            room.tokens -= tokens;
        }
        while (Sequence* s = engine.next_waiting()) {
            if (engine.running() >= engine.limits().max_sequences || room.tokens <= 0 || !has_room(engine, *s)) return;
            const std::int64_t missing = s->missing() == 0 ? 0 : s->prompt - engine.cached_tokens(*s);
            const std::int64_t tokens = std::min({missing, room.tokens, room.one});
            if (!engine.admit(tokens)) return;
            if (missing > 0) step.chunks.push_back({s, tokens});
            room.tokens -= std::max<std::int64_t>(1, tokens);
        }
    }

    bool has_room(const Engine& engine, const Sequence& s) const {
        if (engine.running() == 0) return true;
        const double block = static_cast<double>(engine.limits().block_tokens);
        const double expected = share_ * static_cast<double>(engine.tokens_to_come());
        const auto own = static_cast<double>(s.prompt - engine.cached_tokens(s) +
                                             std::min(kMostOutputCounted, s.arrival.output - s.generated));
        return expected + own <= static_cast<double>(engine.blocks().available()) * block;
    }

    double share_ = kFirstShare;
    bool retracted_ = false;   // in the step last composed
    std::int64_t seen_step_ = 0;
};

}  // namespace

std::unique_ptr<Policy> make_sglang_policy() { return std::make_unique<SglangPolicy>(); }

}  // namespace moeplan
