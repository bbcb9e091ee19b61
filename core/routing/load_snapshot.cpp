#include <algorithm>

#include "core/routing/load_draws.h"

namespace moeplan::load_draws {

Snapshot whole_snapshot(const LayerPlacement& place, const std::vector<std::int32_t>& counts) {
    Snapshot snapshot;
    std::int32_t busiest = -1, busiest_active = 0;
    for (std::size_t r = 0; r + 1 < place.rank_begin.size(); ++r) {
        std::int32_t pairs = 0, active = 0;
        for (auto s = place.rank_begin[r]; s < place.rank_begin[r + 1]; ++s) {
            const auto slot = static_cast<std::size_t>(s);
            const std::int32_t expert = place.slot_expert[slot];
            const auto e = static_cast<std::size_t>(expert);
            std::int32_t load = counts[e];
            if (place.replicas[e] > 1) {
                // Dealt in turn; where the turn starts differs per expert, or first replicas would be favoured.
                const std::int32_t turn = (place.slot_replica[slot] + expert) % place.replicas[e];
                load = (load + place.replicas[e] - 1 - turn) / place.replicas[e];
            }
            pairs += load;
            active += load > 0 ? 1 : 0;
        }
        if (pairs > busiest || (pairs == busiest && active > busiest_active)) {
            busiest = pairs;
            busiest_active = active;
        }
    }
    snapshot.busiest_pairs = busiest;
    snapshot.busiest_activated = busiest_active;
    snapshot.hottest_pairs = counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
    return snapshot;
}

Snapshot mean_snapshot(const LayerPlacement& place, const std::vector<double>& loads,
                       const std::vector<double>& active) {
    Snapshot snapshot;
    std::size_t busiest = 0;
    snapshot.busiest_pairs = -1;
    for (std::size_t r = 0; r + 1 < place.rank_begin.size(); ++r) {
        double pairs = 0;
        for (auto s = place.rank_begin[r]; s < place.rank_begin[r + 1]; ++s) {
            const auto e = static_cast<std::size_t>(place.slot_expert[static_cast<std::size_t>(s)]);
            pairs += place.replicas[e] > 1 ? loads[e] / place.replicas[e] : loads[e];
        }
        if (pairs > snapshot.busiest_pairs) {
            snapshot.busiest_pairs = pairs;
            busiest = r;
        }
    }
    for (auto s = place.rank_begin[busiest]; s < place.rank_begin[busiest + 1]; ++s) {
        snapshot.busiest_activated += active[static_cast<std::size_t>(place.slot_expert[static_cast<std::size_t>(s)])];
    }
    for (double load : loads) snapshot.hottest_pairs = std::max(snapshot.hottest_pairs, load);
    return snapshot;
}

}  // namespace moeplan::load_draws
