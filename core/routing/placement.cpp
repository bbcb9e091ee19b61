#include "core/routing/placement.h"

#include <algorithm>
#include <numeric>
#include <queue>

#include "core/base/require.h"

namespace moeplan {
namespace {

using RankSlots = std::vector<std::vector<std::int32_t>>;

// How many slots each rank has: as even as can be, the first ranks one more.
std::vector<std::size_t> capacities(std::size_t slots, std::size_t ranks) {
    std::vector<std::size_t> capacity(ranks, slots / ranks);
    for (std::size_t r = 0; r < slots % ranks; ++r) ++capacity[r];
    return capacity;
}

struct Item {
    double load;
    std::int32_t expert;
};

// Longest processing time first onto ranks with bounded slots.
RankSlots pack(std::vector<Item> items, const std::vector<std::size_t>& capacity) {
    std::stable_sort(items.begin(), items.end(),
                     [](const Item& a, const Item& b) { return a.load > b.load; });
    RankSlots held(capacity.size());
    std::vector<double> sum(capacity.size(), 0.0);
    for (const Item& item : items) {
        std::size_t best = capacity.size();
        bool best_repeats = false;
        for (std::size_t r = 0; r < capacity.size(); ++r) {
            if (held[r].size() >= capacity[r]) continue;
            if (best < capacity.size() && !best_repeats && sum[r] >= sum[best]) continue;
            const bool repeats = std::find(held[r].begin(), held[r].end(), item.expert) != held[r].end();
            if (best == capacity.size() || (best_repeats && !repeats) ||
                (best_repeats == repeats && sum[r] < sum[best])) {
                best = r;
                best_repeats = repeats;
            }
        }
        require(best < capacity.size(), "a slot for every replica");
        held[best].push_back(item.expert);
        sum[best] += item.load;
    }
    return held;
}

// Replicas per expert: the next one always to the largest load per replica.
std::vector<std::int32_t> replicate(const std::vector<double>& load, std::size_t slots, std::size_t ranks) {
    std::vector<std::int32_t> replicas(load.size(), 1);
    using Entry = std::pair<double, std::int64_t>;  // load per replica, minus the expert: ties to the first
    std::priority_queue<Entry> queue;
    for (std::size_t e = 0; e < load.size(); ++e) queue.push({load[e], -static_cast<std::int64_t>(e)});
    for (std::size_t extra = slots - load.size(); extra > 0 && !queue.empty();) {
        const auto e = static_cast<std::size_t>(-queue.top().second);
        queue.pop();
        if (static_cast<std::size_t>(replicas[e]) >= ranks) continue;
        ++replicas[e];
        --extra;
        queue.push({load[e] / replicas[e], -static_cast<std::int64_t>(e)});
    }
    return replicas;
}

RankSlots pack_replicas(const std::vector<double>& load, const std::vector<std::int32_t>& replicas,
                        const std::vector<std::size_t>& capacity) {
    std::vector<Item> items;
    for (std::size_t e = 0; e < load.size(); ++e) {
        for (std::int32_t i = 0; i < replicas[e]; ++i) {
            items.push_back({load[e] / replicas[e], static_cast<std::int32_t>(e)});
        }
    }
    return pack(std::move(items), capacity);
}

RankSlots deal(std::size_t experts, const std::vector<std::size_t>& capacity, PlacementKind kind) {
    RankSlots held(capacity.size());
    std::size_t rank = 0;
    for (std::size_t e = 0; e < experts; ++e) {
        if (kind == PlacementKind::round_robin) {
            rank = e % capacity.size();
        } else {
            while (held[rank].size() >= capacity[rank]) ++rank;
        }
        held[rank].push_back(static_cast<std::int32_t>(e));
    }
    return held;
}

LayerPlacement flatten(const RankSlots& held, std::size_t experts) {
    LayerPlacement layer;
    layer.replicas.assign(experts, 0);
    layer.rank_begin.push_back(0);
    for (const auto& slots : held) {
        for (std::int32_t e : slots) {
            layer.slot_expert.push_back(e);
            layer.slot_replica.push_back(layer.replicas[static_cast<std::size_t>(e)]++);
        }
        layer.rank_begin.push_back(static_cast<std::int32_t>(layer.slot_expert.size()));
    }
    return layer;
}

std::int64_t total_slots(std::int64_t experts, std::int64_t ranks, const PlacementSpec& spec) {
    if (spec.kind != PlacementKind::eplb) return experts;
    const std::int64_t wanted = experts + std::max<std::int64_t>(0, spec.redundant);
    return (wanted + ranks - 1) / ranks * ranks;
}

}  // namespace

std::int64_t LayerPlacement::fullest() const {
    std::int32_t most = 0;
    for (std::size_t r = 0; r + 1 < rank_begin.size(); ++r) most = std::max(most, rank_begin[r + 1] - rank_begin[r]);
    return most;
}

std::int64_t slots_per_rank(std::int64_t experts, std::int64_t ranks, const PlacementSpec& spec) {
    require(experts > 0 && ranks > 0, "experts and ranks must be positive");
    return (total_slots(experts, ranks, spec) + ranks - 1) / ranks;
}

LayerPlacement place_experts(const std::vector<double>& load, std::int64_t ranks, const PlacementSpec& spec) {
    require(!load.empty() && ranks > 0, "experts and ranks must be positive");
    const std::size_t experts = load.size();
    const auto rank_count = static_cast<std::size_t>(ranks);
    const auto slots = static_cast<std::size_t>(total_slots(static_cast<std::int64_t>(experts), ranks, spec));
    const auto capacity = capacities(slots, rank_count);
    switch (spec.kind) {
        case PlacementKind::contiguous:
        case PlacementKind::round_robin: return flatten(deal(experts, capacity, spec.kind), experts);
        case PlacementKind::balanced:
            return flatten(pack_replicas(load, std::vector<std::int32_t>(experts, 1), capacity), experts);
        case PlacementKind::eplb:
            return flatten(pack_replicas(load, replicate(load, slots, rank_count), capacity), experts);
    }
    require(false, "unknown placement");
    return {};
}

std::vector<double> rank_shares(const std::vector<double>& load, const LayerPlacement& place) {
    const double total = std::accumulate(load.begin(), load.end(), 0.0);
    std::vector<double> shares(static_cast<std::size_t>(place.ranks()), 0.0);
    for (std::size_t r = 0; r < shares.size(); ++r) {
        for (auto s = static_cast<std::size_t>(place.rank_begin[r]);
             s < static_cast<std::size_t>(place.rank_begin[r + 1]); ++s) {
            const auto e = static_cast<std::size_t>(place.slot_expert[s]);
            shares[r] += load[e] / place.replicas[e];
        }
        shares[r] *= static_cast<double>(shares.size()) / total;
    }
    return shares;
}

std::vector<std::vector<double>> rank_shares_per_layer(const RoutingProfile& profile, std::int64_t ranks,
                                                       const PlacementSpec& spec) {
    std::vector<std::vector<double>> shares;
    for (const auto& p : profile.p) shares.push_back(rank_shares(p, place_experts(p, ranks, spec)));
    return shares;
}

std::vector<double> rank_shares(const RoutingProfile& profile, std::int64_t ranks,
                                const PlacementSpec& spec) {
    std::vector<double> mean(static_cast<std::size_t>(ranks), 0.0);
    const auto layers = rank_shares_per_layer(profile, ranks, spec);
    for (const auto& layer : layers) {
        for (std::size_t r = 0; r < mean.size(); ++r)
            mean[r] += layer[r] / static_cast<double>(layers.size());
    }
    return mean;
}

}  // namespace moeplan
