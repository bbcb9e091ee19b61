#pragma once
// The sequences of a replica that decode together, as sums: however many there are, advancing them all by a step, or by a
// thousand, costs the same.
//
// After s steps every sequence has gained G(s) - G(s_i) tokens since it joined at step s_i, with G(s) = floor(s x accepted).

#include <cstdint>
#include <vector>

namespace moeplan {

class DecodeSet {
public:
    // `accepted`: tokens a step yields each sequence, kept to three decimals; `block_tokens`: of the KV cache.
    DecodeSet(double accepted, std::int64_t block_tokens);

    // A sequence that holds `context` tokens joins (leaves): its share of every sum. `joined`: step() when it joined.
    void join(std::int64_t context);
    void leave(std::int64_t context_at_join, std::int64_t joined);
    void advance(std::int64_t steps) { step_ += steps; }

    std::int64_t size() const { return size_; }
    std::int64_t step() const { return step_; }
    std::int64_t context() const { return offsets_ + size_ * gained(step_); }
    // Tokens a sequence gains from step `from` to step `to`.
    std::int64_t gained(std::int64_t from, std::int64_t to) const { return gained(to) - gained(from); }
    // The step after which a sequence that joins now has `tokens` more.
    std::int64_t step_with(std::int64_t tokens) const;
    // Blocks all hold after `ahead` further steps.
    std::int64_t blocks(std::int64_t ahead) const;
    // The most further steps, up to `most`, after which they hold at most `limit` blocks.
    std::int64_t steps_within(std::int64_t limit, std::int64_t most) const;
    // How many of the next steps, up to `most`, gain the same number of tokens; `gain`: that number for one sequence.
    std::int64_t even_steps(std::int64_t most, std::int64_t& gain) const;

private:
    std::int64_t gained(std::int64_t step) const { return step * rate_ / kRate; }
    static constexpr std::int64_t kRate = 1000;

    std::int64_t rate_ = kRate;           // tokens per kRate steps
    std::int64_t block_ = 16;
    std::int64_t step_ = 0;
    std::int64_t size_ = 0;
    std::int64_t offsets_ = 0;            // sum of context at join - G(joined)
    std::int64_t whole_ = 0;              // the same in whole blocks, rounded down
    std::vector<std::int64_t> remainders_;  // sequences by what is left over
};

}  // namespace moeplan
