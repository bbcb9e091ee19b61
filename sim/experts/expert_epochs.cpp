#include "sim/experts/expert_epochs.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "core/base/require.h"
#include "sim/experts/placed_loads.h"
#include "sim/experts/popularity_walk.h"
#include "sim/experts/timeline.h"

namespace moeplan {
namespace {

struct Request {
    const Prepared& candidate;
    const RoutingSpec& routing;
    const std::optional<DriftSpec>& drift;
    const std::optional<RebalanceSpec>& rebalance;
    Seconds horizon;
    std::uint64_t seed;
    PlacementSpec placement;
};

Problem problem(std::string path, std::string what, std::string hint = {}) {
    return {{}, std::move(path), std::move(what), std::move(hint), ProblemKind::wrong_input};
}

bool positive(Seconds time) { return std::isfinite(time.value) && time.value > 0; }

Problems check_intervals(const Request& r) {
    Problems problems;
    if (r.drift && !positive(r.drift->every)) {
        problems.push_back(
            problem("simulate.drift.every", fmt::format("{} s; expected a time above 0", r.drift->every.value)));
    }
    if (r.drift && !(r.drift->share >= 0 && r.drift->share <= 1)) {
        problems.push_back(problem("simulate.drift.share",
                                   fmt::format("{}; expected 0 (nothing drifts) to 1 (everything)", r.drift->share)));
    }
    if (r.rebalance && !positive(r.rebalance->every)) {
        problems.push_back(problem("simulate.rebalance.every",
                                   fmt::format("{} s; expected a time above 0", r.rebalance->every.value)));
    }
    return problems;
}

Problems check_rebalance(const Request& r, const MoeFfn& moe) {
    if (!r.rebalance) return {};
    const std::int64_t ep = r.candidate.layout.ep;
    if (ep == 1) {
        return {problem("simulate.rebalance",
                        "experts lie on one rank: without expert parallelism there is nothing to rebalance",
                        "give the candidate a layout with ep above 1, or leave out rebalance")};
    }
    const std::int64_t most = moe.experts * (ep - 1);
    if (r.rebalance->redundant < 0 || r.rebalance->redundant > most) {
        return {problem("simulate.rebalance.redundant",
                        fmt::format("{} extra slots; expected 0 to {} (a copy of every expert on each of {} ranks)",
                                    r.rebalance->redundant, most, ep))};
    }
    return {};
}

Problems check_count(const Timeline& timeline, Seconds horizon) {
    if (timeline.count() < static_cast<double>(kMostEpochs)) return {};
    return {problem(
        "simulate",
        fmt::format("drift and rebalance change the load of experts {:.0f} times in {:.0f} s; expected fewer than {}",
                    timeline.count(), horizon.value, kMostEpochs),
        "make `every` longer or simulate less time")};
}

// Popularity and placement from change to change.
Result<std::vector<ExpertEpoch>> run(const Request& r, PopularityWalk& walk, const Timeline& timeline) {
    PlacedLoads loads(r.candidate, walk, r.placement, r.seed);
    SeenPopularity seen;
    std::vector<ExpertEpoch> epochs;
    const auto add_epoch = [&](Picoseconds at, const WeightMoves& moves) {
        auto [table, imbalance] = loads.load(walk);
        if (!epochs.empty() && epochs.back().load == table && epochs.back().imbalance == imbalance && moves.copies <= 0)
            return;
        epochs.push_back(
            {{static_cast<double>(at) / kPicosecondsPerSecond}, std::move(table), moves.time, moves.copies, imbalance});
    };
    add_epoch(0, {});
    Picoseconds before = 0;
    for (const Change& change : timeline.changes()) {
        if (r.rebalance) seen.add(walk, static_cast<double>(change.at - before));
        before = change.at;
        if (change.drifts) walk.drift();
        WeightMoves moves;
        if (change.rebalances) {
            auto done = loads.rebalance(seen.mean(), rebalanced_redundancy(r.placement, *r.rebalance));
            if (!done) return tl::unexpected(std::move(done.error()));
            moves = *done;
            seen.clear();
        }
        add_epoch(change.at, moves);
    }
    return epochs;
}

Result<std::vector<ExpertEpoch>> epochs_of(const Request& r) {
    require(!std::isnan(r.horizon.value), "expert_epochs: the horizon must be a time");
    const Prepared& c = r.candidate;
    if (auto wrong = check_intervals(r); !wrong.empty()) return fail(std::move(wrong));
    const MoeFfn* moe = c.model->moe();
    if (!moe) return std::vector<ExpertEpoch>{{}};
    if (auto wrong = check_rebalance(r, *moe); !wrong.empty()) return fail(std::move(wrong));
    const bool felt = c.layout.ep > 1 || std::holds_alternative<TraceRouting>(r.routing);
    const std::optional<DriftSpec> drift = felt ? r.drift : std::nullopt;
    const Timeline timeline(drift, r.rebalance, r.horizon);
    if (auto wrong = check_count(timeline, r.horizon); !wrong.empty()) return fail(std::move(wrong));

    auto profile = resolve_routing(r.routing, moe->experts, moe->top_k, c.model->moe_layer_count(), r.seed);
    if (!profile) return tl::unexpected(std::move(profile.error()));
    require(c.rank_load.empty() || c.rank_load == rank_shares(*profile, c.layout.ep, r.placement),
            "expert_epochs: routing, placement and seed must be those that the candidate was prepared with");
    auto walk = PopularityWalk::make(with_lasting_rows(std::move(*profile), r.seed), drift, r.seed);
    if (!walk) return tl::unexpected(std::move(walk.error()));
    return run(r, *walk, timeline);
}

PlacementSpec own_placement(const Prepared& candidate) {
    return candidate.spec && candidate.spec->placement ? *candidate.spec->placement : PlacementSpec{};
}

}  // namespace

std::int64_t rebalanced_redundancy(const PlacementSpec& placement, const RebalanceSpec& rebalance) {
    return std::max(rebalance.redundant, placement.kind == PlacementKind::eplb ? placement.redundant : 0);
}

Result<std::vector<ExpertEpoch>> expert_epochs(const Prepared& candidate, const RoutingSpec& routing,
                                               const std::optional<DriftSpec>& drift,
                                               const std::optional<RebalanceSpec>& rebalance, Seconds horizon,
                                               std::uint64_t seed, const std::optional<PlacementSpec>& placement) {
    auto epochs =
        epochs_of({candidate, routing, drift, rebalance, horizon, seed, placement.value_or(own_placement(candidate))});
    if (epochs || !candidate.spec) return epochs;
    for (Problem& wrong : epochs.error()) {
        if (wrong.where.empty()) wrong.where = candidate.spec->spot.where();
        if (wrong.path.empty()) wrong.path = "routing";
    }
    return epochs;
}

}  // namespace moeplan
