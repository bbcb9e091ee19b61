#include "core/analyse/step_table.h"

#include <algorithm>
#include <cmath>

namespace moeplan {
namespace {

constexpr double kTokensPerOctave = 4, kSequencesPerOctave = 2, kContextPerOctave = 1.5, kChunksPerOctave = 1, kRanksPerOctave = 1;
constexpr double kMostChunks = 64;

Estimate minus(const Estimate& a, const Estimate& b) { return {a.value - b.value, a.low - b.low, a.high - b.high}; }

}  // namespace

Result<StepTable> StepTable::build(StepTimer& timer, const StepRange& range) {
    StepTable table;
    table.timer_ = &timer;
    table.ranks_ = std::max(1.0, range.ranks);
    const auto of = [&timer](StepTimer::Ops ops) {
        return [&timer, ops](const StepShape& step) -> Result<Estimate> {
            auto cost = timer.price_only(step, ops);
            if (!cost) return tl::unexpected(cost.error());
            return to_estimate(*cost);
        };
    };
    const auto tokens = of(StepTimer::Ops::by_tokens);
    const auto context = of(StepTimer::Ops::by_context);
    auto prompt = LogGrid::tabulate({LogAxis{range.tokens, kTokensPerOctave}, LogAxis{table.ranks_ - 1, kRanksPerOctave}, LogAxis{0}}, [&](const LogGrid::Sizes& s) {
        return tokens({{s[0] > 0 ? 1 + s[1] : 0.0, s[0], 0}, {}});
    });
    if (!prompt) return tl::unexpected(prompt.error());
    auto decoding = LogGrid::tabulate({LogAxis{range.sequences, kTokensPerOctave}, LogAxis{0}, LogAxis{0}}, [&](const LogGrid::Sizes& s) {
        return tokens({{}, {s[0], 1, 0}});
    });
    if (!decoding) return tl::unexpected(decoding.error());
    auto cache = LogGrid::tabulate({LogAxis{range.sequences, kSequencesPerOctave}, LogAxis{range.context, kContextPerOctave}, LogAxis{0}},
                                   [&](const LogGrid::Sizes& s) { return context({{}, {s[0], 1, s[1]}}); });
    if (!cache) return tl::unexpected(cache.error());
    auto chunks = LogGrid::tabulate({LogAxis{kMostChunks, kChunksPerOctave}, LogAxis{range.tokens, kSequencesPerOctave}, LogAxis{range.context, kChunksPerOctave}},
                                    [&](const LogGrid::Sizes& s) { return context({{s[0], s[1], s[2]}, {}}); });
    if (!chunks) return tl::unexpected(chunks.error());
    table.prompt_ = std::move(*prompt);
    table.decoding_ = std::move(*decoding);
    table.cache_ = std::move(*cache);
    table.chunks_ = std::move(*chunks);
    return table;
}

StepTable::Spread StepTable::spread(const SequenceGroup& prefill, const SequenceGroup& decode) const {
    // A sequence lies whole on one rank; many are dealt evenly.
    const auto on_rank = [this](const SequenceGroup& g) { return std::max(g.sequences / ranks_, std::min(g.sequences, 1.0)) * g.new_tokens; };
    const double fullest = on_rank(prefill) + on_rank(decode);
    return {fullest, fullest > 0 ? std::clamp((prefill.tokens() + decode.tokens()) / fullest, 1.0, ranks_) : 1.0};
}

Estimate StepTable::at(const StepShape& step) const {
    const double rows = step.decode.tokens() + step.prefill.sequences;
    Estimate time = Estimate::exact(0);
    if (step.prefill.tokens() > 0) {
        // Tokens of the step as prompts with a row of logits each, then what makes some of them decodes.
        time = time + prompt_at(spread(step.prefill, step.decode));
        if (step.decode.tokens() > 0) time = time + minus(decoding_.at({rows, 0, 0}), prompt_at(spread({}, {rows, 1, 0})));
        time = time + chunks_.at({step.prefill.sequences, step.prefill.new_tokens, step.prefill.context});
    } else {
        time = time + decoding_.at({rows, 0, 0});
    }
    if (step.decode.tokens() > 0) time = time + cache_.at({step.decode.tokens(), step.decode.context, 0});
    return timer_->whole(step, {time.value, std::min(time.low, time.value), std::max(time.high, time.value)});
}

}  // namespace moeplan
