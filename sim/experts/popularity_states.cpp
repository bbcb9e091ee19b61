#include "sim/experts/popularity_states.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "core/routing/read_trace.h"
#include "core/routing/rng.h"
#include "sim/experts/expert_epochs.h"

namespace moeplan {
namespace {

constexpr std::int64_t kMostEntries = 8'000'000;   // states x rows x experts kept in memory
constexpr std::int64_t kPairsPerExpert = 16;       // of a window: fewer, and chance looks like drift
constexpr std::uint64_t kDriftStream = 0x6472696674ULL;

// As many states as there and back again take a multiple of `rhythm` drifts, if that can be.
std::int64_t states_for(std::int64_t drifts, std::int64_t rhythm, std::int64_t most) {
    if (drifts < most) return drifts + 1;
    const std::int64_t longest = 2 * (most - 1);
    const std::int64_t unit = rhythm % 2 == 0 ? rhythm : 2 * rhythm;
    return unit > 0 && unit <= longest ? longest / unit * unit / 2 + 1 : most;
}

std::vector<std::int32_t> dealt_anew(std::vector<std::int32_t> order, double share, Rng rng) {
    std::vector<std::size_t> joined;
    for (std::size_t e = 0; e < order.size(); ++e) {
        if (rng.uniform() < share) joined.push_back(e);
    }
    std::vector<std::int32_t> dealt;
    for (const std::size_t e : joined) dealt.push_back(order[e]);
    shuffle(dealt, rng);
    for (std::size_t i = 0; i < joined.size(); ++i) order[joined[i]] = dealt[i];
    return order;
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

const PopularityOrder PopularityStates::kOwnOrder;

Result<PopularityStates> PopularityStates::make(RoutingProfile profile, const std::optional<DriftSpec>& drift, std::int64_t drifts,
                                                std::int64_t rhythm, std::uint64_t seed) {
    PopularityStates states;
    states.profile_ = std::move(profile);
    states.orders_.emplace_back();
    states.same_.push_back(0);
    if (!drift) return states;
    if (states.profile_.trace) {
        if (auto problems = states.cut_windows(); !problems.empty()) return fail(std::move(problems));
        return states;
    }
    const auto entries = static_cast<std::int64_t>(states.profile_.p.size()) * states.profile_.experts;
    const std::int64_t most = std::clamp<std::int64_t>(kMostEntries / entries, 2, kMostPopularities);
    states.deal_states(drift->share, states_for(drifts, rhythm, most), seed);
    return states;
}

void PopularityStates::deal_states(double share, std::int64_t states, std::uint64_t seed) {
    PopularityOrder order(profile_.p.size());
    for (auto& row : order) {
        row.resize(static_cast<std::size_t>(profile_.experts));
        std::iota(row.begin(), row.end(), 0);
    }
    auto before = profile_.p;
    while (static_cast<std::int64_t>(orders_.size()) < states) {
        const std::size_t state = orders_.size();
        for (std::size_t row = 0; row < order.size(); ++row) order[row] = dealt_anew(std::move(order[row]), share, Rng(seed ^ kDriftStream, row, state));
        auto now = popularity(profile_, order);
        same_.push_back(now == before ? same_.back() : state);
        before = std::move(now);
        orders_.push_back(order);
    }
}

Problems PopularityStates::cut_windows() {
    const TokenRoutes& trace = *profile_.trace;
    const std::int64_t least = (kPairsPerExpert * trace.experts + trace.top_k - 1) / trace.top_k;
    const std::int64_t windows = std::min(kMostPopularities, trace.tokens() / least);
    if (windows < 2) {
        return {{{}, "simulate.drift",
                 fmt::format("the recording has {} tokens, too few to drift: expected at least {} (two windows of {})", trace.tokens(), 2 * least, least),
                 "record more tokens, or leave out drift", ProblemKind::wrong_input}};
    }
    same_.clear();
    for (std::int64_t i = 0; i < windows; ++i) {
        RoutingProfile window = profile_;
        window.trace = slice(trace, trace.tokens() * i / windows, trace.tokens() * (i + 1) / windows);
        window.p = marginals(*window.trace);
        window.p.resize(profile_.p.size());
        same_.push_back(windows_.size());
        windows_.push_back(std::move(window));
    }
    return {};
}

std::size_t PopularityStates::after(std::int64_t drifts) const {
    const auto states = static_cast<std::int64_t>(count());
    if (states < 2) return 0;
    if (!windows_.empty()) return static_cast<std::size_t>(drifts % states);
    const std::int64_t way = 2 * (states - 1);
    const std::int64_t at = drifts % way;
    return same_[static_cast<std::size_t>(at < states ? at : way - at)];
}

}  // namespace moeplan
