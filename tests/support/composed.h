#pragma once
// An engine and its policy without clock or cluster: what each step holds, as text.

#include <memory>
#include <string>
#include <vector>

#include "sim/replica/policy.h"

namespace moeplan {

class Composed {
public:
    Composed(Scheduler scheduler, const EngineLimits& limits) : engine(limits), policy_(make_policy(scheduler)) {}

    Sequence& add(std::int64_t input, std::int64_t output, std::int32_t priority = 0, std::vector<std::uint64_t> prefix = {}) {
        Sequence& s = *all_.emplace_back(std::make_unique<Sequence>());
        s.arrival.input = input;
        s.arrival.output = output;
        s.arrival.priority = priority;
        s.arrival.prefix = std::move(prefix);
        s.prompt = input;
        s.record.id = all_.size() - 1;
        engine.enqueue(s);
        return s;
    }

    // One step: "0:8 1:4 +2 end 2" computes 8 tokens of the prompt of request 0, 4 of 1's, gives 2 a token, which was its last.
    // "-3" first: 3 lost its cache.
    std::string step() {
        Composition c;
        policy_->compose(engine, c);
        std::string text;
        for (const Engine::Move& m : engine.take_moves()) {
            text += (m.what == Happening::swapped_in ? " *" : " -") + std::to_string(m.request);
        }
        for (const Chunk& chunk : c.chunks) text += " " + name(*chunk.sequence) + ":" + std::to_string(chunk.tokens);
        if (c.decode) engine.for_each_decoding([&](const Sequence& s) { text += " +" + name(s); });
        engine.advance(c.decode ? 1 : 0);
        for (const Chunk& chunk : c.chunks) {
            Sequence& s = *chunk.sequence;
            engine.add_computed(s, chunk.tokens);
            if (s.missing() > 0) continue;
            if (s.generated + 1 < s.arrival.output) {
                engine.prompt_done(s);
                continue;
            }
            engine.withdraw(s);
            text += " end " + name(s);
        }
        while (const Sequence* s = engine.pop_ended()) text += " end " + name(*s);
        return text.empty() ? text : text.substr(1);
    }

    std::vector<std::string> steps(int n) {
        std::vector<std::string> all;
        for (int i = 0; i < n; ++i) all.push_back(step());
        return all;
    }

    Engine engine;

private:
    static std::string name(const Sequence& s) { return std::to_string(s.record.id); }
    std::unique_ptr<Policy> policy_;
    std::vector<std::unique_ptr<Sequence>> all_;
};

// Blocks of 4 tokens; steps of `budget` tokens.
inline EngineLimits small_limits(std::int64_t budget, std::int64_t blocks) {
    EngineLimits l;
    l.token_budget = l.rank_budget = budget;
    l.block_tokens = 4;
    l.total_blocks = blocks;
    return l;
}

}  // namespace moeplan
