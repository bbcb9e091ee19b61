#include "sim/experts/popularity_walk.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "core/routing/read_trace.h"
#include "core/routing/rng.h"
#include "sim/experts/expert_epochs.h"

namespace moeplan {
namespace {

constexpr std::int64_t kPairsPerExpert = 16;   // of a window: fewer, and chance looks like drift
constexpr std::uint64_t kDriftStream = 0x6472696674ULL;

void deal_anew(std::vector<std::int32_t>& order, double share, Rng rng) {
    std::vector<std::size_t> joined;
    for (std::size_t e = 0; e < order.size(); ++e) {
        if (rng.uniform() < share) joined.push_back(e);
    }
    std::vector<std::int32_t> dealt;
    for (const std::size_t e : joined) dealt.push_back(order[e]);
    shuffle(dealt, rng);
    for (std::size_t i = 0; i < joined.size(); ++i) order[joined[i]] = dealt[i];
}

TokenRoutes slice(const TokenRoutes& trace, std::int64_t begin, std::int64_t end) {
    TokenRoutes part;
    part.experts = trace.experts;
    part.top_k = trace.top_k;
    part.layers = trace.layers;
    const std::int64_t width = trace.layers * trace.top_k;
    part.route.assign(trace.route.begin() + begin * width, trace.route.begin() + end * width);
    part.sequence.assign(trace.sequence.begin() + begin, trace.sequence.begin() + end);
    return part;
}

}  // namespace

Result<PopularityWalk> PopularityWalk::make(RoutingProfile profile, const std::optional<DriftSpec>& drift,
                                            std::uint64_t seed) {
    PopularityWalk walk;
    walk.whole_ = std::move(profile);
    walk.seed_ = seed ^ kDriftStream;
    walk.p_ = walk.whole_.p;
    if (!drift) return walk;
    walk.share_ = drift->share;
    if (!walk.whole_.trace) return walk;
    if (auto problems = walk.cut_windows(); !problems.empty()) return fail(std::move(problems));
    walk.state_ = 1;   // the first window is not the whole recording
    walk.p_ = walk.windows_.front().p;
    return walk;
}

void PopularityWalk::drift() {
    ++drifts_;
    if (!windows_.empty()) {
        window_ = static_cast<std::size_t>(drifts_) % windows_.size();
        state_ = static_cast<std::int64_t>(window_) + 1;
        p_ = windows_[window_].p;
        return;
    }
    if (order_.empty()) {
        std::vector<std::int32_t> own(static_cast<std::size_t>(whole_.experts));
        std::iota(own.begin(), own.end(), 0);
        order_.assign(whole_.p.size(), own);
    }
    for (std::size_t row = 0; row < order_.size(); ++row)
        deal_anew(order_[row], share_, Rng(seed_, row, static_cast<std::uint64_t>(drifts_)));
    auto now = popularity(whole_, order_);
    if (now == p_) return;
    p_ = std::move(now);
    ++state_;
}

Problems PopularityWalk::cut_windows() {
    const TokenRoutes& trace = *whole_.trace;
    const std::int64_t least = (kPairsPerExpert * trace.experts + trace.top_k - 1) / trace.top_k;
    const std::int64_t windows = std::min(kMostWindows, trace.tokens() / least);
    if (windows < 2) {
        return {{{},
                 "simulate.drift",
                 fmt::format("the recording has {} tokens, too few to drift; expected at least {} (two windows of {})",
                             trace.tokens(), 2 * least, least),
                 "record more tokens, or leave out drift",
                 ProblemKind::wrong_input}};
    }
    for (std::int64_t i = 0; i < windows; ++i) {
        RoutingProfile window;
        window.experts = whole_.experts;
        window.top_k = whole_.top_k;
        window.trace = slice(trace, trace.tokens() * i / windows, trace.tokens() * (i + 1) / windows);
        window.p = marginals(*window.trace);
        window.p.resize(whole_.p.size());
        windows_.push_back(std::move(window));
    }
    return {};
}

}  // namespace moeplan
