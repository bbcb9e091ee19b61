#pragma once
// How an engine composes its next step: one file a scheduler. What each does, and where that is written down:
// docs/method.md, "Schedulers".

#include <memory>

#include "sim/replica/engine.h"

namespace moeplan {

class Policy {
public:
    virtual ~Policy() = default;
    // Decides the next step: admits, takes blocks, preempts. Called when no step runs; an empty composition means that
    // nothing can run now. Same engine, same answer.
    virtual void compose(Engine& engine, Composition& step) = 0;

    // How many decode steps may pass before compose() could decide otherwise, if nothing arrives, ends or runs out of blocks.
    virtual std::int64_t steady_steps(const Engine& engine) const {
        (void)engine;
        return kForEver;
    }
    static constexpr std::int64_t kForEver = std::int64_t{1} << 40;
};

std::unique_ptr<Policy> make_vllm_policy();
std::unique_ptr<Policy> make_tensorrt_llm_policy();
std::unique_ptr<Policy> make_sglang_policy();
std::unique_ptr<Policy> make_static_policy();

// `scheduler` is not automatic: see scheduler_of() in sim/serving.
std::unique_ptr<Policy> make_policy(Scheduler scheduler);

// ---- what several of them do ----

// Prompt tokens a step may still take beside its decodes, whole replica and for one prompt.
struct PromptRoom {
    std::int64_t tokens = 0;
    std::int64_t one = 0;
    std::int64_t whole = 0;   // a prompt of up to so many would fit the step if it were the first
};
PromptRoom room_beside(const Engine& engine, std::int64_t decoding);
// Ranks of attention, in all microbatches, that share the budget of a step.
std::int64_t ranks_of(const EngineLimits& limits);
// Tokens of a prompt that one of them takes beside its share of so many that decode.
std::int64_t chunk_room(const EngineLimits& limits, std::int64_t decoding);
// Of a prompt that misses so many tokens, what a step takes: all of them, or what there is room for, in whole `unit`s.
// Whole prompts: all of them or none where a step without other prompts would hold them. Without chunks: all of them or none,
// though one longer than any step may go alone.
std::int64_t chunk_of(const Engine& engine, std::int64_t missing, const PromptRoom& room, std::int64_t unit = 1);

// Room for a decode step of all, at the price of victims. Returns whether somebody lost its cache.
bool secure_by_preempting(Engine& engine);

}  // namespace moeplan
