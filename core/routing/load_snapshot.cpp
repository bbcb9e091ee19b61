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
                // Dealt in turn; where the turn starts differs per expert, or first replicas would be
                // favoured.
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

MeanSnapshot mean_snapshot(const LayerPlacement& place, const std::vector<double>& loads) {
    MeanSnapshot result;
    double busiest = -1;
    for (std::size_t r = 0; r + 1 < place.rank_begin.size(); ++r) {
        double pairs = 0;
        for (auto s = place.rank_begin[r]; s < place.rank_begin[r + 1]; ++s) {
            const auto e = static_cast<std::size_t>(place.slot_expert[static_cast<std::size_t>(s)]);
            pairs += place.replicas[e] > 1 ? loads[e] / place.replicas[e] : loads[e];
        }
        if (pairs > busiest) {
            busiest = pairs;
            result.busiest_rank = r;
        }
    }
    result.snapshot.busiest_pairs = busiest;
    for (double load : loads) result.snapshot.hottest_pairs = std::max(result.snapshot.hottest_pairs, load);
    return result;
}

}  // namespace moeplan::load_draws
