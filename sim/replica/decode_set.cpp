#include "sim/replica/decode_set.h"

#include <algorithm>
#include <cmath>

namespace moeplan {
namespace {

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

}  // namespace

DecodeSet::DecodeSet(double accepted, std::int64_t block_tokens)
    : rate_(std::max<std::int64_t>(kRate, std::llround(accepted * kRate))),
      block_(block_tokens),
      remainders_(static_cast<std::size_t>(block_tokens), 0) {}

void DecodeSet::join(std::int64_t context) {
    const std::int64_t offset = context - gained(step_);
    const std::int64_t whole = floor_div(offset, block_);
    ++size_;
    offsets_ += offset;
    whole_ += whole;
    ++remainders_[static_cast<std::size_t>(offset - whole * block_)];
}

void DecodeSet::leave(std::int64_t context_at_join, std::int64_t joined) {
    const std::int64_t offset = context_at_join - gained(joined);
    const std::int64_t whole = floor_div(offset, block_);
    --size_;
    offsets_ -= offset;
    whole_ -= whole;
    --remainders_[static_cast<std::size_t>(offset - whole * block_)];
}

std::int64_t DecodeSet::step_with(std::int64_t tokens) const {
    // Least e with floor(e x rate / kRate) >= goal.
    const std::int64_t goal = gained(step_) + tokens;
    return (goal * kRate + rate_ - 1) / rate_;
}

std::int64_t DecodeSet::blocks(std::int64_t ahead) const {
    // Each holds whole + (remainder + tokens) rounded up. With tokens = full blocks and `rest`, remainder + rest is nothing,
    // within a block, or within two.
    const std::int64_t tokens = gained(step_ + ahead);
    const std::int64_t full = tokens / block_, rest = tokens % block_;
    std::int64_t sum = whole_ + (full + 1) * size_;
    if (rest == 0) return sum - remainders_[0];
    for (auto r = static_cast<std::size_t>(block_ - rest + 1); r < remainders_.size(); ++r) sum += remainders_[r];
    return sum;
}

std::int64_t DecodeSet::steps_within(std::int64_t limit, std::int64_t most) const {
    if (size_ == 0 || blocks(most) <= limit) return most;
    std::int64_t low = 0, high = most;   // blocks(low) fits or low is 0, blocks(high) does not
    while (low + 1 < high) {
        const std::int64_t middle = low + (high - low) / 2;
        (blocks(middle) <= limit ? low : high) = middle;
    }
    return low;
}

std::int64_t DecodeSet::even_steps(std::int64_t most, std::int64_t& gain) const {
    gain = gained(step_, step_ + 1);
    if (rate_ % kRate == 0) return most;
    std::int64_t steps = 1;
    while (steps < most && gained(step_ + steps, step_ + steps + 1) == gain) ++steps;
    return steps;
}

}  // namespace moeplan
