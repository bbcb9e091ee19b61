#include "sim/replica/step_times.h"

#include <algorithm>
#include <cmath>

namespace moeplan {
namespace {

// Contexts at which a line is asked for: 0, 64, then two an octave. Attention is all but linear in between.
constexpr double kFirstContext = 64, kPerOctave = 2;

double edge(const Estimate& e, std::size_t which) { return which == 0 ? e.value : which == 1 ? e.low : e.high; }

// A step of more than a day is none of a server's; sums of shorter ones stay within the clock.
constexpr Ticks kLongestStep = 100'000 * kTicksPerSecond;
constexpr Ticks kLongestOfMany = kTicksPerSecond;

Ticks rounded(double seconds) { return std::clamp<Ticks>(to_ticks(seconds), 0, kLongestStep); }

}  // namespace

std::int64_t Stretch::steps_to_cover(Ticks span) const {
    std::int64_t low = 1, high = steps;
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        if (ticks(middle) >= span) high = middle;
        else low = middle + 1;
    }
    return low;
}

StepTimes::StepTimes(Function function, const StepTimesOptions& options) : function_(std::move(function)), options_(options) {}

Ticks StepTimes::prompt_step(const StepLoad& load, bool behind_prompts) const {
    const double chunks = static_cast<double>(load.chunks), decoding = static_cast<double>(load.decoding);
    const double microbatches = std::min(chunks, options_.stages);   // that carry chunks
    StepShape shape;
    if (load.chunks > 0) {
        shape.prefill = {chunks / microbatches, static_cast<double>(load.prompt_tokens) / chunks, static_cast<double>(load.prompt_context) / chunks};
    }
    if (load.decoding > 0) {
        shape.decode = {decoding / std::min(decoding, options_.stages), options_.computed_per_step,
                        static_cast<double>(load.context) / decoding};
    }
    const double seconds = edge(function_(shape), case_);
    if (behind_prompts || microbatches <= 1) return rounded(seconds);
    return rounded(seconds * (1 + (microbatches - 1) / (options_.stages * static_cast<double>(load.rounds))));
}

void StepTimes::ask(std::int64_t n) {
    if (lines_.size() <= static_cast<std::size_t>(n)) lines_.resize(static_cast<std::size_t>(n) + 1);
    const double sequences = static_cast<double>(n);
    std::vector<double> contexts{0, kFirstContext};
    while (contexts.back() < options_.longest_context) contexts.push_back(std::round(contexts.back() * std::exp2(1 / kPerOctave)));
    std::array<Line, 3>& lines = lines_[static_cast<std::size_t>(n)];
    for (const double context : contexts) {
        StepShape shape;
        shape.decode = {sequences / std::min(sequences, options_.stages), options_.computed_per_step, context};
        const Estimate time = function_(shape);
        for (std::size_t c = 0; c < lines.size(); ++c) {
            lines[c].push_back({std::llround(context * sequences), rounded(edge(time, c)), 0});
        }
    }
    for (Line& line : lines) {
        for (std::size_t i = 0; i + 1 < line.size(); ++i) {
            const double rise = static_cast<double>(line[i + 1].at - line[i].at);
            line[i].slope = std::llround(rise / static_cast<double>(line[i + 1].from - line[i].from));
        }
        // Where the line goes on straight, one piece is enough.
        const auto straight = [](const Piece& a, const Piece& b) { return a.slope == b.slope && a.at + a.slope * (b.from - a.from) == b.at; };
        Line kept;
        for (std::size_t i = 0; i < line.size(); ++i) {
            if (kept.empty() || i + 1 == line.size() || !straight(kept.back(), line[i])) kept.push_back(line[i]);
        }
        line = std::move(kept);
        // Beyond the last point, and where noise of a fit lets time fall with context, the line goes on as it was.
        if (line.size() > 1) line.back().slope = std::max<Ticks>(0, line[line.size() - 2].slope);
    }
}

Stretch StepTimes::stretch(std::int64_t n, std::int64_t context, std::int64_t grows, std::int64_t most) {
    if (lines_.size() <= static_cast<std::size_t>(n) || lines_[static_cast<std::size_t>(n)][0].empty()) ask(n);
    const Line& line = lines_[static_cast<std::size_t>(n)][case_];
    const auto next = std::ranges::upper_bound(line, context, {}, &Piece::from);
    const Piece& piece = *std::prev(next);
    Stretch s;
    s.steps = most;
    if (next != line.end() && grows > 0) s.steps = std::min(most, (next->from - 1 - context) / grows + 1);
    s.first = piece.at + piece.slope * (context - piece.from);
    s.growth = piece.slope * grows;
    if (s.first > kLongestOfMany) s.steps = 1;
    return s;
}

}  // namespace moeplan
