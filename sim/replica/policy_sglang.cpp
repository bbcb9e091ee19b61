#include <algorithm>

#include "sim/replica/policy.h"

namespace moeplan {
namespace {

// SGLang's scheduler, first come first served and without mixed chunks.
//
//   * A step carries prompts or decodes. Whenever somebody can be admitted, prompts go and decodes stand still.
//   * Admission leaves room for a share of the output the decoding ones may still ask for. The share falls with every decode
//     step, is set anew when memory ran out, and starts again when the server is idle.
//   * The first that finds no room closes the door until a running request has left.
//   * When a decode step finds no room, those with the fewest tokens go back to the end of the queue, one stays.
//
// Source: sgl-project/sglang python/sglang/srt/managers/scheduler.py (get_new_batch_prefill, update_running_batch),
// schedule_policy.py (PrefillAdder), schedule_batch.py (retract_decode), python/sglang/srt/environ.py (the constants).
class SglangPolicy final : public Policy {
public:
    void compose(Engine& engine, Composition& step) override {
        if (engine.running() == 0 && engine.waiting() == 0) set_share(engine, kFirstShare);
        retracted_ = false;
        while (true) {
            prompts(engine, step);
            if (!step.chunks.empty()) return;
            retracted_ |= retract(engine);
            step.decode = engine.decoding().size() > 0;
            if (step.decode || engine.prefilling().empty()) return;
            // Prompts under way on several ranks may have taken what each of them still needs.
            engine.preempt(*engine.prefilling().back(), Engine::Requeue::back);
        }
    }

    // Whoever was sent back may come in again with the next step.
    std::int64_t steady_steps(const Engine& engine) const override {
        return retracted_ && engine.waiting() > 0 ? 1 : kForEver;
    }

private:
    static constexpr double kFirstShare = 0.7, kLeastShare = 0.14 * kFirstShare, kStepsToLeast = 600;
    static constexpr double kStepsGuessed = 20;                // of decode, when the share is set anew
    static constexpr std::int64_t kMostOutputCounted = 4096;   // of a request
    static constexpr std::int64_t kMostPromptTokens = 16384;   // of a step of one rank

    // Not by repeated subtraction: many steps at once and one by one must round alike.
    double share(const Engine& engine) const {
        const std::int64_t steps = engine.decoding().step() - share_since_;
        if (steps <= 0) return share_;
        return std::max(kLeastShare, share_ - static_cast<double>(steps) * (kFirstShare - kLeastShare) / kStepsToLeast);
    }

    void set_share(const Engine& engine, double value, std::int64_t steps_kept = 0) {
        share_ = value;
        share_since_ = engine.decoding().step() + steps_kept;
    }

    static double output_to_come(const Engine& engine, const Sequence& s) {
        return static_cast<double>(std::min(kMostOutputCounted, s.arrival.output - engine.generated(s)));
    }

    // Tokens kept free for those who decode.
    double promised(const Engine& engine) const {
        double to_come = 0;
        engine.for_each_decoding([&](const Sequence& s) { to_come += output_to_come(engine, s); });
        return share(engine) * to_come;
    }

    void prompts(Engine& engine, Composition& step) {
        PromptRoom room = room_beside(engine, 0);
        for (Sequence* s : engine.prefilling()) {   // who was cut goes on first
            const std::int64_t tokens = std::min({s->missing(), room.tokens, room.one});
            if (tokens <= 0 || !engine.extend(*s, tokens)) return;
            step.chunks.push_back({s, tokens});
            room.tokens -= tokens;
        }
        if (engine.waiting() == 0) return;
        if (engine.running() == 0 || engine.departures() != departures_at_full_) full_ = false;
        if (!full_) admit(engine, step, room);
    }

    void admit(Engine& engine, Composition& step, PromptRoom& room) {
        const auto block = static_cast<double>(engine.limits().block_tokens);
        double kept = promised(engine);
        std::int64_t input_left = kMostPromptTokens * ranks_of(engine.limits());
        for (const Chunk& c : step.chunks) input_left -= c.tokens;
        while (Sequence* s = engine.next_waiting()) {
            if (engine.running() >= engine.limits().max_sequences) return close(engine);
            const bool held = s->missing() == 0;
            const std::int64_t missing = held ? 0 : s->prompt - engine.cached_tokens(*s);
            const double free = static_cast<double>(engine.blocks().available()) * block - kept;
            const std::int64_t own = engine.blocks_to_admit(*s, missing);
            const double needs = static_cast<double>(own) * block + output_to_come(engine, *s) + block;
            // With nobody running the prompt must fit beside what is held for sending.
            const bool fits = engine.running() > 0 ? needs < free : own <= engine.blocks().available();
            if (!fits) return close(engine);
            if (!held && (room.tokens <= 0 || (missing >= input_left && !step.chunks.empty()))) return;
            const std::int64_t tokens = held ? 0 : chunk_of(engine, missing, room, engine.limits().block_tokens);
            if (!held && tokens <= 0) return;
            if (!engine.admit(tokens)) return close(engine);
            if (!held) step.chunks.push_back({s, tokens});
            if (tokens == missing) kept += output_to_come(engine, *s) + block;
            room.tokens -= tokens;
            input_left -= tokens;
        }
    }

    // Nobody is let in before somebody leaves.
    void close(const Engine& engine) {
        full_ = true;
        departures_at_full_ = engine.departures();
    }

    bool retract(Engine& engine) {
        bool any = false;
        while (!engine.secure_decode()) {
            Sequence* victim = nullptr;
            if (engine.decoding().size() > 1 || engine.prefilling().empty()) victim = shortest(engine);
            else victim = engine.prefilling().back();   // holds what the last one needs
            engine.preempt(*victim, Engine::Requeue::back);
            any = true;
        }
        if (!any) return false;
        double generated = 0, most = 1, n = 0;
        engine.for_each_decoding([&](const Sequence& s) {
            generated += static_cast<double>(engine.generated(s));
            most += static_cast<double>(s.arrival.output);
            ++n;
        });
        set_share(engine, std::min(1.0, (generated + kStepsGuessed * n) / most), 1);
        return true;
    }

    // Fewest tokens generated; of equals the longest prompt, and of these the last.
    static Sequence* shortest(const Engine& engine) {
        Sequence* least = nullptr;
        engine.for_each_decoding([&](Sequence& s) {
            if (!least) { least = &s; return; }
            const std::int64_t a = engine.generated(s), b = engine.generated(*least);
            if (a < b || (a == b && s.arrival.input >= least->arrival.input)) least = &s;
        });
        return least;
    }

    double share_ = kFirstShare;
    std::int64_t share_since_ = 0;   // decode step from which it falls
    bool full_ = false;
    std::uint64_t departures_at_full_ = 0;
    bool retracted_ = false;         // in the step last composed
};

}  // namespace

std::unique_ptr<Policy> make_sglang_policy() { return std::make_unique<SglangPolicy>(); }

}  // namespace moeplan
